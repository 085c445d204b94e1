"""Faust's consumer, changed to fetch whole batches and to commit processed offsets only.

Each override names the problem that it solves. All were measured on faust-streaming 0.15.3 with aiokafka 0.14 (ADR 4).
"""

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from time import monotonic
from typing import Any, Final, Self

import aiokafka
from aiokafka.errors import IllegalStateError, KafkaError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, AppT, ConsumerMessage

from app.stream.safety.fail_stop import ExitCode, fail_stop
from app.stream.safety.failpoint import failpoint
from app.stream.safety.lease import Lease
from app.stream.source.fetched_batch import FetchedBatch
from app.stream.source.gap_detector import GapDetector
from app.stream.source.processed_offsets import ProcessedOffsets

log = logging.getLogger(__name__)

FETCH_WAIT_MS: Final = 50
"""Maximum wait of a broker for new records.

With Faust's 1500 ms a fetch for idle partitions holds up the busy partitions of the same broker for that time.
"""

REBALANCING_POLL_S: Final = 0.02
FETCH_TIMEOUT_S: Final = 0.1
"""Wait of one fetch for records. A rebalance waits until the running fetch ends."""


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """Thread of the Kafka client. It renews the lease with each accepted heartbeat."""

    consumer: "Consumer"

    def _create_consumer(self, loop: asyncio.AbstractEventLoop) -> aiokafka.AIOKafkaConsumer:
        consumer = super()._create_consumer(loop)
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS
        consumer._isolation_level = "read_committed"  # a payment of an aborted transaction does not count
        return consumer

    async def on_start(self) -> None:
        await super().on_start()
        coordinator = self._ensure_consumer()._coordinator
        heartbeat = coordinator._do_heartbeat

        async def renew_lease() -> bool:
            sent_at = monotonic()
            accepted: bool = await heartbeat()
            if accepted:
                self.consumer.lease.renew(sent_at)
            elif coordinator.generation < 0:
                fail_stop("the consumer group removed this worker: another worker has its partitions")
            return accepted

        coordinator._do_heartbeat = renew_lease

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        self.consumer.lease.renew(monotonic())
        await super().on_partitions_assigned(assigned, generation_id)


class Consumer(driver.Consumer):
    """Kafka consumer of a worker. It returns whole batches and commits nothing but `processed`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.processed = ProcessedOffsets()
        self.gaps = GapDetector()
        self._must_seek = False
        self._fetching = asyncio.Lock()
        super().__init__(*args, **kwargs)
        self.lease = Lease(self.app.conf.broker_session_timeout)

    @classmethod
    def of(cls, app: AppT) -> Self:
        """Return the consumer of an app that uses this module's consumer."""
        assert isinstance(app.consumer, cls)  # noqa: S101 - see app.stream.worker.Transport
        return app.consumer

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    def _to_message(self, tp: TP, record: Any) -> ConsumerMessage:
        """Wrap a `FetchedBatch` in one message. Its offset is that of the last record."""
        last = record.records[-1]
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            last.offset,
            last.timestamp / 1000,
            last.timestamp_type,
            None,
            None,
            record,
            None,
            0,
            0,
            TP(*tp),
            generation_id=self.app.consumer_generation_id,
        )

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:
        """Fetch one `FetchedBatch` per partition for the scheduler. Only changelogs until the worker is ready.

        Faust seeks first and empties its queues afterwards. Records that arrive in between would be dropped while the
        fetch offset moves on. So this fetches no source during a rebalance, and seeks the sources once more after it.
        A fetch that was already queued in the thread passes the first check, hence the second one. The set of
        partitions is copied, because Faust empties it in a rebalance and an empty set means "all" to the driver.
        """
        async with self._fetching:
            return await self._fetch(frozenset(active_partitions or ()), min(timeout, FETCH_TIMEOUT_S))

    async def _fetch(self, active: frozenset[TP], timeout_s: float) -> Mapping[TP, FetchedBatch]:
        if self.app.rebalancing:
            self._must_seek = True
            active = frozenset(tp for tp in active if self._is_changelog_tp(tp))
        elif self._must_seek and not await self._seek_sources(self.processed.of(self._sources)):
            return {}
        if not active:
            await self.sleep(REBALANCING_POLL_S)
            return {}
        fetched = {TP(*tp): records for tp, records in (await super()._getmany(set(active), timeout_s)).items()}
        changelogs = {tp: records for tp, records in fetched.items() if self._is_changelog_tp(tp)}
        batches = {tp: self.gaps.accept_unchecked(tp, records) for tp, records in changelogs.items()}
        sources = {tp: records for tp, records in fetched.items() if tp not in changelogs}
        if sources and self.app.rebalancing:
            self._must_seek = True
            return batches
        return batches | await self._accept_sources(sources)

    async def _accept_sources(self, fetched: Mapping[TP, Sequence[Any]]) -> dict[TP, FetchedBatch]:
        """Return the batches that continue the last fetch. Seek the other partitions back for a second fetch."""
        processed = self.processed.of(set(fetched))
        self._must_seek = self._must_seek or len(processed) < len(fetched)  # a partition was revoked meanwhile
        found = {tp: self.gaps.accept(tp, fetched[tp]) for tp in processed}
        batches = {tp: batch for tp, batch in found.items() if batch is not None}
        again = {tp: self.gaps.refetch_offset(tp) for tp in found if tp not in batches}
        for tp, batch in batches.items():
            await self.check_end(tp, processed[tp])
            if batch.records[0].offset > batch.start_offset:
                await self._log_gap(tp, batch.start_offset, batch.records[0].offset)
        if again:
            await self._seek_sources(again)
        return batches

    async def _log_gap(self, tp: TP, first: int, end: int) -> None:
        """Log a gap in which records were lost to retention. Compaction and transactions leave gaps without loss."""
        try:
            oldest = (await self.earliest_offsets(tp))[tp]
        except KafkaError as error:
            log.warning("%s %d has a gap from %d to %d (%s)", *tp, first, end - 1, type(error).__name__)
            return
        if oldest > first:
            log.critical(
                "records %d to %d of %s %d were deleted before they were read: raise retention.ms above any outage",
                *(first, min(oldest, end) - 1, *tp),
            )

    async def check_end(self, tp: TP, processed: int) -> None:
        """End the process if the topic ends before its processed offset: it is then a new topic of the same name."""
        try:
            if (self.highwater(tp) or 0) >= processed:
                return
        except AssertionError:  # the driver reports a partition that was just revoked in this way
            return
        # After a change of leader the end in a fetch response may lag behind. A request for it makes the broker wait.
        if (end := (await self.highwaters(tp))[tp]) < processed:
            fail_stop(
                f"{tp.topic} {tp.partition} ends at {end} but {processed} records of it are processed, so it is a new "
                "topic whose records would be skipped: set a new GEOVELOCITY_NAMESPACE and run `geovelocity init`",
                code=ExitCode.CONFIGURATION,
            )

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        """Seek when no fetch is running. Its records would be dropped while the fetch offset is already past them."""
        async with self._fetching:
            await self._seek_all(partitions)

    async def _seek_all(self, partitions: Mapping[TP, int]) -> None:
        """Seek, and set the next expected offsets. A changelog that is read from its beginning is expected from 0."""
        await super().seek_wait(partitions)
        changelogs = [tp for tp in partitions if self._is_changelog_tp(tp)]
        oldest = await self.earliest_offsets(*changelogs) if changelogs else {}
        for tp, offset in partitions.items():
            self.gaps.seeked_to(tp, 0 if offset <= oldest.get(tp, -1) else offset)

    async def _seek_sources(self, offsets: Mapping[TP, int]) -> bool:
        """Seek source partitions. False: some were revoked meanwhile, so the next fetch seeks again."""
        try:
            await self._seek_all(offsets)
        except IllegalStateError:
            self._must_seek = True
            return False
        self._must_seek = False
        return True

    @property
    def _sources(self) -> set[TP]:
        return {tp for tp in self.assignment() if not self._is_changelog_tp(tp)}

    async def perform_seek(self) -> None:
        """Start each source at the group's committed offset, or at its oldest record if there is none.

        Faust does not seek partitions without a committed offset. Records that it fetched too early and dropped would
        never be fetched again.
        """
        await super().perform_seek()
        sources = self._sources
        for tp in sources:
            if committed := self._committed_offset[tp]:
                self.processed.advance(tp, committed)
        if new := sources - set(self.processed.partitions()):
            for tp, offset in (await self.earliest_offsets(*new)).items():
                self.processed.start_at(TP(*tp), offset)
        for tp, offset in self.processed.of(sources).items():
            self.gaps.seeked_to(tp, offset)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Drop all offsets once more: Faust may seek the old partitions between revocation and assignment."""
        for tp in self.processed.partitions():
            self.processed.forget(tp)
        await super().on_partitions_assigned(assigned, generation_id)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        await super().on_partitions_revoked(revoked)
        for tp in revoked:
            self.processed.forget(tp)

    async def force_commit(self, *args: Any, **kwargs: Any) -> bool:
        """Commit as Faust does, between two failpoints for tests."""
        failpoint("committing")
        committed: bool = await super().force_commit(*args, **kwargs)
        failpoint("committed")
        return committed

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        """Yield all partitions: Faust's acknowledgements do not matter here."""
        return iter(self.processed.partitions())

    def _new_offset(self, tp: TP) -> int | None:
        """Return the processed offset as the one to commit. Faust's acknowledgements skip gaps."""
        self._acked[tp].clear()
        self._acked_index[tp].clear()
        return self.processed.get(tp)

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Do nothing: `gaps` detects gaps, and Faust's own search costs time for every batch."""

    def on_buffer_full(self, tp: TP) -> None:
        """Do nothing: a full queue slows the fetcher down, and a paused partition costs up to a second of sleep."""
