"""The offset tracker of one partition: which records are done, also out of order, and what Kafka stores of that.

Kafka stores an offset per partition and up to 4,096 bytes of metadata beside it. The offsets that are done beyond the
committed one go into the metadata, so a restart does not send their alerts again.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple, Self

OUT_OF_ORDER_MAX: Final = 300
"""Maximum out-of-order offsets in the metadata: each takes at most eight of the 4,096 bytes that Kafka allows."""

_VERSION: Final = "1"


class CommitState(NamedTuple):
    """A partition's committed state.

    `offset`: the first record that is not done. `out_of_order`: offsets beyond it that are done, ascending. `at_ms`:
    timestamp of the last record that was read.
    """

    offset: int
    out_of_order: tuple[int, ...] = ()
    at_ms: int | None = None

    @property
    def metadata(self) -> str:
        """Text to commit beside the offset."""
        at = "" if self.at_ms is None else str(self.at_ms)
        steps = ",".join(str(offset - self.offset) for offset in self.out_of_order[:OUT_OF_ORDER_MAX])
        return f"{_VERSION};{at};{steps}"

    @classmethod
    def parse(cls, offset: int, metadata: str) -> Self:
        """Return the committed state. Total: ignore metadata that another program wrote and keep the offset."""
        try:
            version, at, steps = metadata.split(";")
            if version != _VERSION:
                return cls(offset)
            return cls(offset, tuple(offset + int(step) for step in steps.split(",") if step), int(at) if at else None)
        except ValueError:
            return cls(offset)


class OffsetTracker:
    """The offsets of one partition for one channel. The caller marks records as read in the order of their offsets."""

    def __init__(self, committed: CommitState) -> None:
        self._next = committed.offset
        self._at_ms = committed.at_ms
        self._pending: dict[int, None] = {}
        self._done = set(committed.out_of_order)

    def is_done(self, offset: int) -> bool:
        """Return whether the record was done before. A replayed one only restores the throttle's memory."""
        return offset < self._next or offset in self._done

    def mark_read(self, offset: int, at_ms: int, *, pending: bool) -> None:
        """Note a record. A `pending` one is done when `mark_done` names it, another one at once."""
        if offset >= self._next:
            self._next, self._at_ms = offset + 1, at_ms
        if pending:
            self._pending[offset] = None

    def mark_done(self, offsets: Iterable[int]) -> None:
        """Note that pending records are done. Ignore other offsets."""
        for offset in offsets:
            if offset in self._pending:
                del self._pending[offset]
                self._done.add(offset)
        self._done = {offset for offset in self._done if offset > self._committable}

    @property
    def tracked(self) -> int:
        """Number of offsets that a commit may have to name: pending ones and those done beyond a pending one."""
        return len(self._pending) + len(self._done)

    @property
    def commit_state(self) -> CommitState:
        """State to commit now."""
        return CommitState(self._committable, tuple(sorted(self._done)), self._at_ms)

    @property
    def _committable(self) -> int:
        return next(iter(self._pending), self._next)
