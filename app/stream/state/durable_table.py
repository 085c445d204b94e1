"""A table that changes in whole batches, with a changelog that never holds half a batch."""

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

DELIVERY_TIMEOUT_S: Final = 100.0
"""The process ends if Kafka has not accepted a batch within this time."""


class DurableTable(faust.Table[bytes, bytes]):
    """Rows of bytes, by partition. The store contains exactly what the changelog contains.

    Each batch also runs the maintenance of a few other rows of its partition, with the same guarantees.
    """

    def __init__(
        self,
        app: faust.App,
        *,
        backend: StateBackend,
        row_maintenance: RowMaintenance,
        metrics: MetricsRegistry,
        **kwargs: Any,
    ) -> None:
        super().__init__(app, key_type=bytes, value_type=bytes, **kwargs)
        self._backend = backend
        self._metrics = metrics
        self._row_maintenance = row_maintenance
        self._sweep = IncrementalSweep()
        self._now_ms: dict[int, int] = {}
        self._queue = PartitionQueue()
        self._running: dict[int, asyncio.Task[None]] = {}
        self._advanced_at_s: defaultdict[int, float] = defaultdict(monotonic)

    def _new_store(self) -> ChangelogStore:
        return ChangelogStore(self.app.conf.store, self.app, self, backend=self._backend)

    def idle_partitions(self, since_s: float) -> set[int]:
        """Return the partitions whose event time has not advanced since `since_s`, by the steady clock.

        A partition counts as advanced when this is called for the first time.
        """
        return {number for number in range(self.partitions or 0) if self._advanced_at_s[number] <= since_s}

    async def enqueue(self, fetched: FetchedBatch, handler: BatchHandler, *, advances_time: bool) -> None:
        """Queue the records for `handler`, which gets them in one batch or, if they are too heavy, in several.

        A partition processes one batch at a time, from whichever topic, because all of them change the same rows.
        Returns when the records are in the queue; `drained` waits until the queue is empty. Never raises: an incomplete
        batch ends the process.

        Args:
            fetched: the records.
            handler: processes a batch.
            advances_time: whether the timestamps of these records are the clock of the partition. False for a source
                that may be read ahead of the others, because time would then pass before their records are read.
        """
        source = fetched.source
        if advances_time:
            self._advanced_at_s[source.partition] = monotonic()
        try:
            await self._queue.put(PendingBatch(fetched, handler, advances_time))
        except BaseException as error:  # noqa: BLE001 - Faust would acknowledge the batch, even on a cancellation
            fail_stop(f"a batch of {source.topic} {source.partition} was not started", error)
        if source.partition not in self._running:
            self._running[source.partition] = asyncio.create_task(self._process_queue(source.partition))

    async def drained(self) -> None:
        """Wait until no batch is queued or running."""
        while self._running:
            await asyncio.wait(self._running.values())

    async def _process_queue(self, partition: int) -> None:
        """Process the batches of a partition until its queue is empty."""
        while pending := self._queue.take_next(partition):
            source = pending.batch.source
            try:
                await self._process_batch(source, pending)
            except BaseException as error:  # noqa: BLE001 - a cancellation also leaves the batch incomplete
                fail_stop(f"a batch of {source.topic} {source.partition} is incomplete", error)
        del self._running[partition]

    async def _process_batch(self, source: TP, pending: PendingBatch) -> None:
        async with asyncio.timeout(DELIVERY_TIMEOUT_S):
            records = await self._skip_processed(source, pending.batch)
        records_max = len(records)
        while records:
            began_s = monotonic()
            failpoint("begun")
            batch = SourceBatch(records[:records_max], self._rows.partition(source.partition))
            pending.handler(batch)
            if not batch.records_read:
                raise RuntimeError("the agent read no record")
            if pending.advances_time:
                self._now_ms[source.partition] = records[batch.records_read - 1].timestamp
            self._run_maintenance(source.partition, batch)
            failpoint("folded")
            try:
                async with asyncio.timeout(DELIVERY_TIMEOUT_S):
                    await self._deliver(source, batch)
            except OverflowError:  # nothing was sent; the size of a payment's outputs is not known before they exist
                if batch.records_read == 1:
                    raise
                records_max = batch.records_read // 2
                continue
            self._record_metrics(source.topic, batch, records[0].timestamp, began_s)
            records = records[batch.records_read :]

    def _record_metrics(self, topic: str, batch: SourceBatch, first_ms: int, began_s: float) -> None:
        """Count a batch that is durable."""
        metrics = self._metrics
        metrics.add(RECORDS, batch.records_read, topic=topic)
        metrics.count_events(topic, batch.counts)
        metrics.observe(BATCH_RECORDS, batch.records_read, topic=topic)
        metrics.observe(BATCH_SECONDS, monotonic() - began_s, topic=topic)
        metrics.observe(BATCH_AGE, max(0.0, time() - first_ms / 1000), topic=topic)

    async def _skip_processed(self, source: TP, fetched: FetchedBatch) -> Sequence[Record]:
        """Return the records that are not processed yet, after resending outputs that a crash may have suppressed."""
        processed, rows = self._consumer.processed, self._rows.partition(source.partition)
        committed = processed[source]
        if fetched.start_offset > committed:
            if self.app.rebalancing:
                return []  # the rebalance dropped the records before these, and all of them are fetched again
            raise RuntimeError(f"records {committed} to {fetched.start_offset - 1} never arrived")
        await self._resend_outputs(source.partition)
        in_rows = Checkpoint.next_offset_of(rows.get(Checkpoint.key(source)))
        if committed < in_rows:
            await self._consumer.check_end(source, in_rows)
            processed.advance(source, in_rows)
        begin = max(committed, in_rows)
        if fetched.records[0].offset >= begin:
            return fetched.records  # the usual case
        return [record for record in fetched.records if record.offset >= begin]

    async def _resend_outputs(self, partition: int) -> None:
        """Send the outputs of the last written batch, from whichever source, unless they are known to be durable.

        The outputs of every earlier batch were durable before that batch was written. So the outputs of a partition
        keep the order of its batches even after a crash, and no verdict follows the erasure of its device.
        """
        key = self._rows.last_checkpoint(partition)
        if key is None:
            return
        source, value = Checkpoint.source_of(key), self._rows.partition(partition)[key]
        committed, in_rows = self._consumer.processed.get(source), Checkpoint.next_offset_of(value)
        if committed is not None and committed >= in_rows:
            return
        await self._consumer.check_end(source, in_rows)
        outputs = Checkpoint.load(value).outputs
        failpoint("resending")
        await self._send(partition, outputs)
        self._metrics.add(RESENT, sum(map(len, outputs.values())))
        failpoint("resent")
        if committed is not None:
            self._consumer.processed.advance(source, in_rows)

    def _run_maintenance(self, partition: int, batch: SourceBatch) -> None:
        now_ms = self._now_ms.get(partition)
        if now_ms is None:
            return
        for key in self._sweep.next_keys(partition, self._rows.partition(partition), now_ms):
            if batch.is_full:
                return
            self._row_maintenance(batch, key, now_ms)

    async def _deliver(self, source: TP, batch: SourceBatch) -> None:
        """Write changelog, store, outputs and processed offset, each only when the one before is durable."""
        changelog = TP(self.changelog_topic_name, source.partition)
        checkpoint = Checkpoint(next_offset=batch.next_offset, outputs=batch.outputs)
        rows = [Message(Checkpoint.key(source), checkpoint.dump()), *(Message(*row) for row in batch.changed.items())]
        last_offset = await self._producer.write_atomically(*changelog, rows)
        self._metrics.add(CHANGELOG_BYTES, sum(len(row.key or b"") + len(row.value or b"") for row in rows))
        self._rows.apply(changelog, rows, last_offset, Checkpoint.key(source))
        if batch.outputs:
            failpoint("rows-durable")
            await self._send(source.partition, batch.outputs)
            failpoint("outputs-durable")
        self._consumer.processed.advance(source, batch.next_offset)
        failpoint("reached")

    async def _send(self, partition: int, outputs: dict[str, list[Message]]) -> None:
        writes = [self._producer.write(topic, partition, messages) for topic, messages in outputs.items()]
        await asyncio.gather(*writes)

    @property
    def row_count(self) -> int:
        """Number of rows that this worker holds. An estimate if they are on disk."""
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
