"""Ledger: what of a partition is done. What is committed of it is a position, and what was done beyond that."""

from collections.abc import Iterable
from typing import Final, NamedTuple, Self

BEYOND_MAX: Final = 300
"""So many offsets fit into the text that Kafka keeps beside a position: 4,096 bytes, at most eight an offset."""

_VERSION: Final = "1"


class CommitState(NamedTuple):
    """What is committed. `beyond`: offsets after the position that are done. `at_ms`: when the last record was made."""

    position: int
    beyond: tuple[int, ...] = ()
    at_ms: int | None = None

    @property
    def text(self) -> str:
        """What goes beside the position."""
        at = "" if self.at_ms is None else str(self.at_ms)
        return f"{_VERSION};{at};{','.join(str(offset - self.position) for offset in self.beyond[:BEYOND_MAX])}"

    @classmethod
    def parse(cls, position: int, text: str) -> Self:
        """The same, read again. What somebody else wrote there says nothing; the position does."""
        try:
            version, at, beyond = text.split(";")
            if version != _VERSION:
                return cls(position)
            offsets = tuple(position + int(step) for step in beyond.split(",") if step)
            return cls(position, offsets, int(at) if at else None)
        except ValueError:
            return cls(position)


class OffsetTracker:
    """Of one partition and one channel. Records are passed in the order of their offsets."""

    def __init__(self, begin: CommitState) -> None:
        self._next = begin.position
        self._at_ms = begin.at_ms
        self._open: dict[int, None] = {}
        self._done = set(begin.beyond)

    def has_done(self, offset: int) -> bool:
        """Whether the record was done before: read again, it only tells what was decided then."""
        return offset < self._next or offset in self._done

    def passed(self, offset: int, at_ms: int, *, waits: bool) -> None:
        """The record was read. `waits`: it is done only when somebody says so."""
        if offset >= self._next:
            self._next, self._at_ms = offset + 1, at_ms
        if waits:
            self._open[offset] = None

    def done(self, offsets: Iterable[int]) -> None:
        for offset in offsets:
            if offset in self._open:
                del self._open[offset]
                self._done.add(offset)
        position = next(iter(self._open), self._next)
        self._done = {offset for offset in self._done if offset > position}

    @property
    def load(self) -> int:
        """How many offsets a bookmark may have to name: those that wait, and those that are done beyond one of them."""
        return len(self._open) + len(self._done)

    @property
    def bookmark(self) -> CommitState:
        """How far it is."""
        position = next(iter(self._open), self._next)
        return CommitState(position, tuple(sorted(self._done)), self._at_ms)
