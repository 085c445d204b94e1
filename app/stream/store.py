"""Where a table's rows lie in memory: a dictionary a partition, so that a partition can go as a whole."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from faust.stores.base import Store
from faust.types import TP

from app.stream.failpoint import failpoint
from app.stream.failstop import fail_stop
from app.stream.mark import Mark
from app.stream.producer import Message


class PartitionedStore(Store[bytes, bytes]):
    """Rows by partition number, and the changelog offset up to which they are true."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ours: set[TP] = set()
        self._partitions: dict[int, dict[bytes, bytes]] = {}
        self._offsets: dict[TP, int] = {}
        self._last_marks: dict[int, bytes] = {}

    def partition(self, number: int) -> Mapping[bytes, bytes]:
        """The rows of a partition, marks included; a view that follows later changes."""
        return MappingProxyType(self._partitions.setdefault(number, {}))

    def last_mark(self, number: int) -> bytes | None:
        """The key of the mark that was written last of all in a partition: that of the last batch."""
        return self._last_marks.get(number)

    @property
    def count(self) -> int:
        """How many rows there are, marks included."""
        return sum(map(len, self._partitions.values()))

    def apply(
        self, changelog: TP, messages: Iterable[Message], last_offset: int, last_mark: bytes | None = None
    ) -> None:
        """Makes rows true that are durable in the changelog up to `last_offset`. No value: the row is gone.

        `last_mark`: the key of the last mark among them, when there is one.

        Faust may hand over what it has read of a partition after that is assigned to another worker. Kept, it would
        later pass for all that came before it.
        """
        if changelog not in self._ours:
            return
        rows = self._partitions.setdefault(changelog.partition, {})
        for key, value in messages:
            if key is None:
                continue
            if value is None:
                rows.pop(key, None)
            else:
                rows[key] = value
        self._offsets[changelog] = last_offset
        if last_mark is not None:
            self._last_marks[changelog.partition] = last_mark

    def apply_changelog_batch(
        self, batch: Iterable[Any], to_key: Callable[[Any], bytes], to_value: Callable[[Any], bytes]
    ) -> None:
        """Recovery: changelog records come in slices, like all others. A hole between two ends the process.

        What comes late, when the rows are further on, would take them back.
        """
        for event in batch:
            changelog, part = event.message.tp, event.message.value
            goes_on_at = self._offsets.get(changelog, -1) + 1
            if part.next_offset <= goes_on_at:
                continue
            if changelog in self._ours and part.follows > goes_on_at:
                fail_stop(f"rows before offset {part.follows} of {changelog.topic} {changelog.partition} never came")
            failpoint("recovering")
            messages = [Message(record.key, record.value) for record in part.records]
            last_mark = next((key for key, _ in reversed(messages) if key and Mark.is_key(key)), None)
            self.apply(changelog, messages, part.next_offset - 1, last_mark)

    def persisted_offset(self, tp: TP) -> int | None:
        """So that a rebalance does not read again what this process holds already."""
        return self._offsets.get(tp)

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """What is not ours any more will change elsewhere: forget it. What is new is read from the beginning."""
        self._ours = set(assigned)
        for tp in revoked | newly_assigned:
            if self._offsets.pop(tp, None) is not None:
                self._partitions.pop(tp.partition, None)
                self._last_marks.pop(tp.partition, None)

    def reset_state(self) -> None:
        """There is none on disk."""

    async def backup_partition(self, *args: Any, **kwargs: Any) -> None:
        """There is none on disk."""

    def restore_backup(self, *args: Any, **kwargs: Any) -> None:
        """There is none on disk."""
