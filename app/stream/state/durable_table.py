"""A table whose rows change by whole batches, and a changelog that never holds half of one."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from time import monotonic, time
from typing import Any, Final

import faust
from faust.types import TP

from agents.batch import Record, RowMaintenance
from app.observability.catalogue import BATCH_AGE, BATCH_RECORDS, BATCH_SECONDS, CHANGELOG_BYTES, RECORDS, RESENT
from app.observability.registry import MetricsRegistry
from app.stream.output.producer import Message, Producer
from app.stream.safety.fail_stop import fail_stop
from app.stream.safety.failpoint import failpoint
from app.stream.source.consumer import Consumer
from app.stream.source.fetched_batch import FetchedBatch
from app.stream.source.partition_queue import BatchHandler, PartitionQueue, PendingBatch
from app.stream.state.batch import SourceBatch
from app.stream.state.changelog_store import ChangelogStore
from app.stream.state.checkpoint import Checkpoint
from app.stream.state.partition_store import StateBackend
from app.stream.state.sweeper import IncrementalSweep

STUCK_S: Final = 100.0
"""A batch that Kafka has not taken by then is given up, and the process with it."""


class DurableTable(faust.Table[bytes, bytes]):
    """Rows of bytes, by partition. The store holds exactly what the changelog holds.

    Batches keep it up, too: with each a few other rows of the partition get their turn, under the same guarantees.
    """

    def __init__(
        self, app: faust.App, *, place: StateBackend, upkeep: RowMaintenance, metrics: MetricsRegistry, **kwargs: Any
    ) -> None:
        super().__init__(app, key_type=bytes, value_type=bytes, **kwargs)
        self._place = place
        self._metrics = metrics
        self._upkeep = upkeep
        self._rounds = IncrementalSweep()
        self._now_ms: dict[int, int] = {}
        self._turns = PartitionQueue()
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._folded_at_s: defaultdict[int, float] = defaultdict(monotonic)

    def _new_store(self) -> ChangelogStore:
        return ChangelogStore(self.app.conf.store, self.app, self, place=self._place)

    def idle(self, since_s: float) -> set[int]:
        """The partitions whose clock was not told since then, by the steady clock; from the first asking on."""
        return {number for number in range(self.partitions or 0) if self._folded_at_s[number] <= since_s}

    async def fold(self, given: FetchedBatch, fold: BatchHandler, *, tells_time: bool) -> None:
        """Applies `fold` to the records, in one batch or, when they are too heavy, several.

        `tells_time`: their timestamps are the clock of the partition. Not those of every source: one that was read
        ahead of the others would let time pass before what happened in it was read.

        One batch of a partition at a time, whatever topic it comes from: they touch the same rows. Returns when the
        records are among those that wait for their turn; `settled` tells when all is done. Never raises: a batch left
        half done ends the process.
        """
        source = given.source
        if tells_time:
            self._folded_at_s[source.partition] = monotonic()
        try:
            await self._turns.put(PendingBatch(given, fold, tells_time))
        except BaseException as error:  # noqa: BLE001 - a cancellation, too, would be acked
            fail_stop(f"a batch of {source.topic} {source.partition} is not begun", error)
        if source.partition not in self._under_way:
            self._under_way[source.partition] = asyncio.create_task(self._take_turns(source.partition))

    async def settled(self) -> None:
        """Returns when nothing is under way."""
        while self._under_way:
            await asyncio.wait(self._under_way.values())

    async def _take_turns(self, partition: int) -> None:
        """Until nobody waits any more."""
        while turn := self._turns.take_next(partition):
            source = turn.batch.source
            try:
                await self._fold(source, turn.batch, turn.handler, tells_time=turn.advances_time)
            except BaseException as error:  # noqa: BLE001 - a cancellation, too, leaves it half done
                fail_stop(f"a batch of {source.topic} {source.partition} is half done", error)
        del self._under_way[partition]

    async def _fold(self, source: TP, given: FetchedBatch, fold: BatchHandler, *, tells_time: bool) -> None:
        async with asyncio.timeout(STUCK_S):
            pending = await self._not_yet_done(source, given)
        most = len(pending)
        while pending:
            began_s = monotonic()
            failpoint("begun")
            batch = SourceBatch(pending[:most], self._rows.partition(source.partition))
            fold(batch)
            if not batch.taken:
                raise RuntimeError("the agent took no record")
            if tells_time:
                self._now_ms[source.partition] = pending[batch.taken - 1].timestamp
            self._keep_up(source.partition, batch)
            failpoint("folded")
            try:
                async with asyncio.timeout(STUCK_S):
                    await self._deliver(source, batch)
            except OverflowError:  # nothing of it was sent: what payments bring along is known only when it is there
                if batch.taken == 1:
                    raise
                most = batch.taken // 2
                continue
            self._note(source.topic, batch, pending[0].timestamp, began_s)
            pending = pending[batch.taken :]

    def _note(self, topic: str, batch: SourceBatch, first_ms: int, began_s: float) -> None:
        """Counts what is durable now."""
        metrics = self._metrics
        metrics.add(RECORDS, batch.taken, topic=topic)
        metrics.count_events(topic, batch.counts)
        metrics.observe(BATCH_RECORDS, batch.taken, topic=topic)
        metrics.observe(BATCH_SECONDS, monotonic() - began_s, topic=topic)
        metrics.observe(BATCH_AGE, max(0.0, time() - first_ms / 1000), topic=topic)

    async def _not_yet_done(self, source: TP, given: FetchedBatch) -> Sequence[Record]:
        """The records that are new. First sends what a crash may have kept from being sent."""
        positions, rows = self._consumer.positions, self._rows.partition(source.partition)
        done = positions[source]
        if given.start_offset > done:
            if self.app.rebalancing:
                return []  # what came before was dropped when the rebalance began; all of it is fetched again
            raise RuntimeError(f"records {done} to {given.start_offset - 1} never came")
        await self._finish_last_batch(source.partition)
        marked = Checkpoint.next_offset_of(rows.get(Checkpoint.key(source)))
        if done < marked:
            await self._consumer.check_end(source, marked)
            positions.advance(source, marked)
        begin = max(done, marked)
        if given.records[0].offset >= begin:
            return given.records  # as nearly always
        return [record for record in given.records if record.offset >= begin]

    async def _finish_last_batch(self, partition: int) -> None:
        """Sends the outputs of the batch that was written last, whatever it was read from, when that is not certain.

        Those of all batches before it were durable before it was written. So after a crash, too, the outputs of a
        partition lie in the order of its batches: what a device said after it was forgotten never comes before that.
        """
        key = self._rows.last_checkpoint(partition)
        if key is None:
            return
        source, mark = Checkpoint.source_of(key), self._rows.partition(partition)[key]
        done, marked = self._consumer.positions.get(source), Checkpoint.next_offset_of(mark)
        if done is not None and done >= marked:
            return
        await self._consumer.check_end(source, marked)
        outputs = Checkpoint.load(mark).outputs
        failpoint("resending")
        await self._send(partition, outputs)
        self._metrics.add(RESENT, sum(map(len, outputs.values())))
        failpoint("resent")
        if done is not None:
            self._consumer.positions.advance(source, marked)

    def _keep_up(self, partition: int, batch: SourceBatch) -> None:
        now_ms = self._now_ms.get(partition)
        if now_ms is None:
            return
        for key in self._rounds.next_keys(partition, self._rows.partition(partition), now_ms):
            if batch.full:
                return
            self._upkeep(batch, key, now_ms)

    async def _deliver(self, source: TP, batch: SourceBatch) -> None:
        """Changelog, store, outputs, position: in this order, each only after the one before is durable."""
        changelog = TP(self.changelog_topic_name, source.partition)
        mark = Checkpoint(next_offset=batch.next_offset, outputs=batch.outputs)
        rows = [Message(Checkpoint.key(source), mark.dump()), *(Message(*row) for row in batch.changed.items())]
        last_offset = await self._producer.write_atomically(*changelog, rows)
        self._metrics.add(CHANGELOG_BYTES, sum(len(row.key or b"") + len(row.value or b"") for row in rows))
        self._rows.apply(changelog, rows, last_offset, Checkpoint.key(source))
        if batch.outputs:
            failpoint("rows-durable")
            await self._send(source.partition, batch.outputs)
            failpoint("outputs-durable")
        self._consumer.positions.advance(source, batch.next_offset)
        failpoint("reached")

    async def _send(self, partition: int, outputs: dict[str, list[Message]]) -> None:
        writes = [self._producer.write(topic, partition, messages) for topic, messages in outputs.items()]
        await asyncio.gather(*writes)

    @property
    def rows(self) -> int:
        """How many this worker has; on disk, about so many."""
        return self._rows.count

    @property
    def _rows(self) -> ChangelogStore:
        store = self.data
        assert isinstance(store, ChangelogStore)  # noqa: S101 - see _new_store
        return store

    @property
    def _consumer(self) -> Consumer:
        return Consumer.of(self.app)

    @property
    def _producer(self) -> Producer:
        return Producer.of(self.app)
