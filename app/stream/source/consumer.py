"""The consumer: Faust's, fetching slices and committing only what is done.

Each override says what it mends; all were measured on faust-streaming 0.15.3 with aiokafka 0.14 (DECISIONS 4).
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
"""Faust's 1500 lets a fetch for idle partitions hold up the busy ones of the same broker for as long."""

REBALANCING_POLL_S: Final = 0.02
FETCH_TIMEOUT_S: Final = 0.1
"""How long a fetch waits for records; a rebalance waits for the fetch under way."""


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """Tells the lease when the group last knew us."""

    consumer: "Consumer"

    def _create_consumer(self, loop: asyncio.AbstractEventLoop) -> aiokafka.AIOKafkaConsumer:
        consumer = super()._create_consumer(loop)
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS
        consumer._isolation_level = "read_committed"  # a payment whose transaction was aborted was never made
        return consumer

    async def on_start(self) -> None:
        await super().on_start()
        coordinator = self._ensure_consumer()._coordinator
        heartbeat = coordinator._do_heartbeat

        async def noted() -> bool:
            sent_at = monotonic()
            accepted: bool = await heartbeat()
            if accepted:
                self.consumer.lease.renew(sent_at)
            elif coordinator.generation < 0:
                fail_stop("thrown out of the consumer group: another worker has our partitions")
            return accepted

        coordinator._do_heartbeat = noted

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        self.consumer.lease.renew(monotonic())
        await super().on_partitions_assigned(assigned, generation_id)


class Consumer(driver.Consumer):
    """Hands out slices, and commits `positions` and nothing else."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.positions = ProcessedOffsets()
        self.continuity = GapDetector()
        self._strayed = False
        self._fetching = asyncio.Lock()
        super().__init__(*args, **kwargs)
        self.lease = Lease(self.app.conf.broker_session_timeout)

    @classmethod
    def of(cls, app: AppT) -> Self:
        """The consumer of an app whose transport is ours."""
        assert isinstance(app.consumer, cls)  # noqa: S101 - see application.Transport
        return app.consumer

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    def _to_message(self, tp: TP, record: Any) -> ConsumerMessage:
        """A `Slice` as one message; its offset is the last record's."""
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
        """A `Slice` a partition, for our scheduler. Nothing but changelogs until the worker is ready.

        Faust seeks first and empties its queues afterwards: what came in between would be gone while the position
        moved on. So sources are left alone while rebalancing, and sought once more when that is over. A fetch that
        was already waiting in the thread slips past the first check, hence the second one. What is fetched is said
        once: Faust empties its set in a rebalance, and to the driver an empty one means everything.
        """
        async with self._fetching:
            return await self._fetch(frozenset(active_partitions or ()), min(timeout, FETCH_TIMEOUT_S))

    async def _fetch(self, active: frozenset[TP], timeout_s: float) -> Mapping[TP, FetchedBatch]:
        if self.app.rebalancing:
            self._strayed = True
            active = frozenset(tp for tp in active if self._is_changelog_tp(tp))
        elif self._strayed and not await self._seek_sources(self.positions.of(self._sources)):
            return {}
        if not active:
            await self.sleep(REBALANCING_POLL_S)
            return {}
        fetched = {TP(*tp): records for tp, records in (await super()._getmany(set(active), timeout_s)).items()}
        changelogs = {tp: records for tp, records in fetched.items() if self._is_changelog_tp(tp)}
        slices = {tp: self.continuity.accept_unchecked(tp, records) for tp, records in changelogs.items()}
        sources = {tp: records for tp, records in fetched.items() if tp not in changelogs}
        if sources and self.app.rebalancing:
            self._strayed = True
            return slices
        return slices | await self._continued(sources)

    async def _continued(self, fetched: Mapping[TP, Sequence[Any]]) -> dict[TP, FetchedBatch]:
        """What goes on where the last fetch ended. What does not is asked for again."""
        known = self.positions.of(set(fetched))
        self._strayed = self._strayed or len(known) < len(fetched)  # taken away meanwhile
        found = {tp: self.continuity.accept(tp, fetched[tp]) for tp in known}
        slices = {tp: part for tp, part in found.items() if part is not None}
        again = {tp: self.continuity.where(tp) for tp in found if tp not in slices}
        for tp, part in slices.items():
            await self.check_end(tp, known[tp])
            if part.records[0].offset > part.start_offset:
                await self._explain_gap(tp, part.start_offset, part.records[0].offset)
        if again:
            await self._seek_sources(again)
        return slices

    async def _explain_gap(self, tp: TP, first: int, end: int) -> None:
        """Compaction and transactions leave gaps, and nothing is lost; retention is another matter."""
        try:
            oldest = (await self.earliest_offsets(tp))[tp]
        except KafkaError as error:
            log.warning("%s %d has a gap from %d to %d (%s)", *tp, first, end - 1, type(error).__name__)
            return
        if oldest > first:
            log.critical(
                "records %d to %d of %s %d were deleted before they were read: keep them longer than any outage lasts",
                *(first, min(oldest, end) - 1, *tp),
            )

    async def check_end(self, tp: TP, done: int) -> None:
        """Ends the process when more is done than the topic has: it is another topic than before, of the same name."""
        try:
            if (self.highwater(tp) or 0) >= done:
                return
        except AssertionError:  # the driver's way to say that the partition has just been taken away
            return
        # After a change of leader what a fetch says of the end may lag behind; asked for it, the broker waits.
        if (end := (await self.highwaters(tp))[tp]) < done:
            fail_stop(
                f"{tp.topic} {tp.partition} ends at {end} but {done} records of it are done: it was made anew, and "
                "what is in it now would be passed over; set a new GEOVELOCITY_NAMESPACE and run `geovelocity init`",
                code=ExitCode.CONFIGURATION,
            )

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        """Waits until no fetch is under way: what it brings would be dropped, and the position be past it."""
        async with self._fetching:
            await self._note_and_seek(partitions)

    async def _note_and_seek(self, partitions: Mapping[TP, int]) -> None:
        """Notes where each partition goes on; for a changelog that is read from its beginning that is zero."""
        await super().seek_wait(partitions)
        changelogs = [tp for tp in partitions if self._is_changelog_tp(tp)]
        oldest = await self.earliest_offsets(*changelogs) if changelogs else {}
        for tp, offset in partitions.items():
            self.continuity.seeked_to(tp, 0 if offset <= oldest.get(tp, -1) else offset)

    async def _seek_sources(self, wanted: Mapping[TP, int]) -> bool:
        """False: some were assigned away meanwhile, so the next rebalance comes here again."""
        try:
            await self._note_and_seek(wanted)
        except IllegalStateError:
            self._strayed = True
            return False
        self._strayed = False
        return True

    @property
    def _sources(self) -> set[TP]:
        return {tp for tp in self.assignment() if not self._is_changelog_tp(tp)}

    async def perform_seek(self) -> None:
        """Takes over what the group has committed. Where that is nothing, it begins with the oldest record there is.

        Faust does not seek such partitions: what it fetched too early and dropped would never come again.
        """
        await super().perform_seek()
        sources = self._sources
        for tp in sources:
            if committed := self._committed_offset[tp]:
                self.positions.advance(tp, committed)
        if new := sources - set(self.positions.partitions()):
            for tp, offset in (await self.earliest_offsets(*new)).items():
                self.positions.start_at(TP(*tp), offset)
        for tp, offset in self.positions.of(sources).items():
            self.continuity.seeked_to(tp, offset)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Forgets once more: Faust may seek the partitions of before between losing them and being given new ones."""
        for tp in self.positions.partitions():
            self.positions.forget(tp)
        await super().on_partitions_assigned(assigned, generation_id)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        await super().on_partitions_revoked(revoked)
        for tp in revoked:
            self.positions.forget(tp)

    async def force_commit(self, *args: Any, **kwargs: Any) -> bool:
        """Named places for tests, and nothing else."""
        failpoint("committing")
        committed: bool = await super().force_commit(*args, **kwargs)
        failpoint("committed")
        return committed

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        """All of them: acks do not matter here."""
        return iter(self.positions.partitions())

    def _new_offset(self, tp: TP) -> int | None:
        """Faust's acks pass over gaps; only our own position is committed."""
        self._acked[tp].clear()
        self._acked_index[tp].clear()
        return self.positions.get(tp)

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """There are no gaps to guess at, and guessing costs time for every slice."""

    def on_buffer_full(self, tp: TP) -> None:
        """A full queue holds the fetcher back by itself; pausing the partition costs up to a second of sleep."""
