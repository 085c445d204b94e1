"""The store of a table: the rows of each partition that is ours, and how they follow the changelog."""

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

_NOTHING: Final[Mapping[bytes, bytes]] = MappingProxyType({})


class ChangelogStore(Store[bytes, bytes]):
    """Rows by partition number, wherever they lie. They are what the changelog says, never more."""

    def __init__(self, *args: Any, place: StateBackend, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._place = place
        self._ours: dict[TP, PartitionStore] = {}

    def partition(self, number: int) -> Mapping[bytes, bytes]:
        """The rows of a partition, marks included, as they are at any time; none of one that is not ours."""
        return self._ours.get(self._changelog(number), _NOTHING)

    def last_checkpoint(self, number: int) -> bytes | None:
        """The key of the mark that was written last of all in a partition: that of the last batch."""
        rows = self._ours.get(self._changelog(number))
        return None if rows is None else rows.last_checkpoint

    @property
    def count(self) -> int:
        """How many rows there are, marks included."""
        return sum(map(len, self._ours.values()))

    def apply(
        self, changelog: TP, messages: Sequence[Message], last_offset: int, last_mark: bytes | None = None
    ) -> None:
        """Makes rows true that this worker has made durable in the changelog. No value: the row is gone.

        `last_offset`: that of the last of them. `last_mark`: the key of the last mark among them, when there is one.
        What lies between these and what was known before is another worker's: that ends the process.
        """
        rows = self._ours.get(changelog)
        if rows is None:
            return
        first = last_offset - len(messages) + 1
        if rows.offset is not None and first > rows.offset + 1:
            fail_stop(
                f"records {rows.offset + 1} to {first - 1} of {changelog.topic} {changelog.partition} are not ours"
            )
        rows.write(messages, last_offset, last_mark)

    def apply_changelog_batch(
        self, batch: Iterable[Any], to_key: Callable[[Any], bytes], to_value: Callable[[Any], bytes]
    ) -> None:
        """Recovery: changelog records come in slices, like all others. A hole between two ends the process.

        What comes late, when the rows are further on, would take them back. Faust may hand over what it has read of a
        partition after that is assigned to another worker: kept, it would later pass for all that came before it.
        """
        for event in batch:
            changelog, part = event.message.tp, event.message.value
            rows = self._ours.get(changelog)
            if rows is None:
                continue
            goes_on_at = 0 if rows.offset is None else rows.offset + 1
            if part.next_offset <= goes_on_at:
                continue
            if part.start_offset > goes_on_at:
                fail_stop(
                    f"rows before offset {part.start_offset} of {changelog.topic} {changelog.partition} never came"
                )
            failpoint("recovering")
            messages = [Message(record.key, record.value) for record in part.records]
            last_mark = next((key for key, _ in reversed(messages) if key and Checkpoint.is_key(key)), None)
            rows.write(messages, part.next_offset - 1, last_mark)

    def persisted_offset(self, tp: TP) -> int | None:
        """So that nothing is read again of what is held already: by this process, or by its files."""
        rows = self._ours.get(tp)
        return None if rows is None else rows.offset

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """What is not ours any more will change elsewhere: let go of it. What is new is opened, and then caught up."""
        changelogs = {tp for tp in assigned if tp == self._changelog(tp.partition)}
        for tp in self._ours.keys() & (revoked | newly_assigned) | self._ours.keys() - changelogs:
            del self._ours[tp]
            await self._place.close(tp.partition)
        opened = {tp: self._place.open(tp.partition) for tp in sorted(changelogs - self._ours.keys())}
        for tp in await self._beyond_their_changelog(opened):
            opened[tp] = self._place.reset(tp.partition)
        self._ours |= opened

    async def _beyond_their_changelog(self, opened: Mapping[TP, PartitionStore]) -> list[TP]:
        """Of which partitions the files know more than there is: the changelog was made anew, or has lost records."""
        kept = {tp: rows.offset for tp, rows in opened.items() if rows.offset is not None}
        if not kept:
            return []
        try:
            ends = await self.app.consumer.highwaters(*kept)
        except KafkaError as error:
            fail_stop(f"Kafka does not say where the changelog ends ({type(error).__name__})")
        return [tp for tp, offset in kept.items() if offset >= ends[tp]]

    def reset_state(self) -> None:
        """There is none but what the changelog says."""

    async def backup_partition(self, *args: Any, **kwargs: Any) -> None:
        """The changelog is the backup."""

    def restore_backup(self, *args: Any, **kwargs: Any) -> None:
        """The changelog is the backup."""

    def _changelog(self, number: int) -> TP:
        return TP(self.table.changelog_topic.get_topic_name(), number)
