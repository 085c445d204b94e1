"""The store of a table: the rows of each assigned partition, kept equal to the changelog."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from aiokafka.errors import KafkaError
from faust.stores.base import Store
from faust.types import TP

from app.stream.output.producer import Message
from app.stream.safety.fail_stop import fail_stop
from app.stream.safety.failpoint import failpoint
from app.stream.state.checkpoint import Checkpoint
from app.stream.state.partition_store import PartitionStore, StateBackend

_NO_ROWS: Final[Mapping[bytes, bytes]] = MappingProxyType({})


class ChangelogStore(Store[bytes, bytes]):
    """Rows of the assigned partitions, in a state backend. They contain exactly what the changelog contains."""

    def __init__(self, *args: Any, backend: StateBackend, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._backend = backend
        self._partitions: dict[TP, PartitionStore] = {}

    def partition(self, number: int) -> Mapping[bytes, bytes]:
        """Return a live view of a partition's rows and checkpoints. Empty if the partition is not assigned."""
        return self._partitions.get(self._changelog(number), _NO_ROWS)

    def last_checkpoint(self, number: int) -> bytes | None:
        """Return the key of the last batch's checkpoint in a partition. None: there is none, or it is not assigned."""
        rows = self._partitions.get(self._changelog(number))
        return None if rows is None else rows.last_checkpoint

    @property
    def count(self) -> int:
        """Number of rows and checkpoints."""
        return sum(map(len, self._partitions.values()))

    def apply(
        self, changelog: TP, messages: Sequence[Message], last_offset: int, last_checkpoint: bytes | None = None
    ) -> None:
        """Apply messages that this worker has just written to the changelog. A message without a value deletes its row.

        Ends the process if another worker has written to the changelog in between.

        Args:
            changelog: the changelog partition.
            messages: the messages, in order.
            last_offset: the changelog offset of the last message.
            last_checkpoint: the key of the last checkpoint among the messages.
        """
        rows = self._partitions.get(changelog)
        if rows is None:
            return
        first = last_offset - len(messages) + 1
        if rows.offset is not None and first > rows.offset + 1:
            fail_stop(
                f"another worker wrote records {rows.offset + 1} to {first - 1} of {changelog.topic} "
                f"{changelog.partition}"
            )
        rows.write(messages, last_offset, last_checkpoint)

    def apply_changelog_batch(
        self, batch: Iterable[Any], to_key: Callable[[Any], bytes], to_value: Callable[[Any], bytes]
    ) -> None:
        """Apply fetched batches of the changelog during recovery. A hole between two batches ends the process.

        It skips batches that the rows already contain, because they would restore old values. It also skips batches of
        partitions that are not assigned: Faust may deliver them after a revocation, and rows that begin in the middle
        of the changelog would later count as complete.
        """
        for event in batch:
            changelog, fetched = event.message.tp, event.message.value
            rows = self._partitions.get(changelog)
            if rows is None:
                continue
            expected = 0 if rows.offset is None else rows.offset + 1
            if fetched.next_offset <= expected:
                continue
            if fetched.start_offset > expected:
                fail_stop(
                    f"rows before offset {fetched.start_offset} of {changelog.topic} {changelog.partition} "
                    "never arrived"
                )
            failpoint("recovering")
            messages = [Message(record.key, record.value) for record in fetched.records]
            last_checkpoint = next((key for key, _ in reversed(messages) if key and Checkpoint.is_key(key)), None)
            rows.write(messages, fetched.next_offset - 1, last_checkpoint)

    def persisted_offset(self, tp: TP) -> int | None:
        """Return the changelog offset up to which the rows are complete, so that recovery starts after it."""
        rows = self._partitions.get(tp)
        return None if rows is None else rows.offset

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """Close revoked partitions and open new ones. Recovery then reads their changelogs."""
        changelogs = {tp for tp in assigned if tp == self._changelog(tp.partition)}
        for tp in self._partitions.keys() & (revoked | newly_assigned) | self._partitions.keys() - changelogs:
            del self._partitions[tp]
            await self._backend.close(tp.partition)
        opened = {tp: self._backend.open(tp.partition) for tp in sorted(changelogs - self._partitions.keys())}
        for tp in await self._ahead_of_changelog(opened):
            opened[tp] = self._backend.reset(tp.partition)
        self._partitions |= opened

    async def _ahead_of_changelog(self, opened: Mapping[TP, PartitionStore]) -> list[TP]:
        """Return the partitions whose rows are newer than the changelog: it was created again or has lost records."""
        kept = {tp: rows.offset for tp, rows in opened.items() if rows.offset is not None}
        if not kept:
            return []
        try:
            ends = await self.app.consumer.highwaters(*kept)
        except KafkaError as error:
            fail_stop(f"Kafka did not return the end of the changelog ({type(error).__name__})")
        return [tp for tp, offset in kept.items() if offset >= ends[tp]]

    def reset_state(self) -> None:
        """Do nothing: the store keeps no other state."""

    async def backup_partition(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: the changelog is the backup."""

    def restore_backup(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: the changelog is the backup."""

    def _changelog(self, number: int) -> TP:
        return TP(self.table.changelog_topic.get_topic_name(), number)
