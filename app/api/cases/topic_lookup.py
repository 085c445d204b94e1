"""Lookup of a case on the topics: its history and phone track. The device id stays in this module."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final, TypeVar

from aiokafka import TopicPartition

from agents.rules.state_limits import STATE_LIMITS
from app.api.cases.case_history import CaseHistory, CaseHistoryBuilder
from app.api.cases.phone_track import AFTER_MS, BEFORE_MS, PhoneTrack
from app.api.cases.search import StoredCase
from app.api.cases.single_flight_cache import SingleFlightCache
from app.api.cases.topic_scan import TopicScan, open_scan
from app.api.messages import TrackResponse
from app.errors import UnavailableError
from app.settings import Settings
from schemas.json.timestamps import parse_epoch_us
from schemas.push import Push, parse_push
from schemas.verdict import Outcome

T = TypeVar("T")

CONCURRENT_MAX: Final = 2
QUEUED_MAX: Final = 20
CLOCK_SKEW_MS: Final = 5 * 60_000
"""Maximum difference between the clocks of card systems, phones and brokers."""

NEAR_PAYMENT_MS: Final = 5 * 60_000
"""Range around the payment that is read first, in case the scan reaches its limit."""


class TopicLookup:
    """Reads the topics for `CONCURRENT_MAX` cases at a time, and caches the results for a minute.

    Every method raises UnavailableError where no broker answers, or the queue is full.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._slots = asyncio.Semaphore(CONCURRENT_MAX)
        self._queued = 0
        self._histories: SingleFlightCache[CaseHistory] = SingleFlightCache()
        self._tracks: SingleFlightCache[TrackResponse] = SingleFlightCache()

    async def history(self, case: StoredCase) -> CaseHistory:
        """Return the history of a case, up to a minute old.

        It reads the topic of suspects, or the topic of verdicts where the case is no suspect any more.
        """
        return await self._histories.get(case["id"], lambda: self.history_now(case))

    async def history_now(self, case: StoredCase) -> CaseHistory:
        """Return the history of a case without the cache."""
        return await self._with_slot(lambda: self._read_history(case))

    async def track(self, case: StoredCase, history: CaseHistory) -> TrackResponse:
        """Return the coarse positions of the phone around the payment, up to a minute old."""
        return await self._tracks.get(case["id"], lambda: self._with_slot(lambda: self._read_track(case, history)))

    async def _with_slot(self, read: Callable[[], Awaitable[T]]) -> T:
        if self._queued >= QUEUED_MAX:
            raise UnavailableError("too many cases are being read from the topics: try again in a moment")
        self._queued += 1
        try:
            async with self._slots:
                return await read()
        finally:
            self._queued -= 1

    async def _read_history(self, case: StoredCase) -> CaseHistory:
        topics = self._settings.topics
        topic = topics.suspects if case["verdict"] == Outcome.SUSPECT else topics.verdicts
        partitions = [TopicPartition(topic, number) for number in range(self._settings.partitions)]
        # Start where the track starts, so that the scan also finds an erasure of the device.
        from_ms = paid_ms(case) - BEFORE_MS - CLOCK_SKEW_MS
        builder = CaseHistoryBuilder(case)
        async with open_scan(self._settings) as scan:
            async for record in scan.read_range(partitions, from_ms):
                if builder.add(record):
                    scan.restrict(TopicPartition(topic, record.partition))
            return builder.build(complete=scan.is_complete, is_truncated=scan.budget_spent)

    async def _read_track(self, case: StoredCase, history: CaseHistory) -> TrackResponse:
        track = PhoneTrack(paid_ms(case), history.erased_until_ms)
        if history.device is None:
            return track.response(complete=False)
        partition = TopicPartition(self._settings.topics.locations, history.partition)
        async with open_scan(self._settings) as scan:
            for span in _ranges(paid_ms(case), [at_ms for _, at_ms in history.revisions]):
                await _add_fixes(scan, partition, span, history.device, track)
            return track.response(complete=scan.is_complete)


def paid_ms(case: StoredCase) -> int:
    """Return the time of the payment in epoch milliseconds."""
    at_us = parse_epoch_us(case["timestamp"])
    assert isinstance(at_us, int)  # noqa: S101 - every verdict has a valid time
    return at_us // 1000


def _ranges(paid: int, published_ms: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the record time ranges that can hold positions around the payment: near it first, then before, then after.

    Phones report late. A payment that was judged long afterwards used positions that arrived long afterwards.
    """
    first, last = min(paid, *published_ms), max(paid, *published_ms)
    begin, end = first - BEFORE_MS - CLOCK_SKEW_MS, last + AFTER_MS + 1000 * STATE_LIMITS.lateness_s
    near = paid - NEAR_PAYMENT_MS, paid + NEAR_PAYMENT_MS
    yield near
    yield begin, near[0]
    yield near[1], end


async def _add_fixes(
    scan: TopicScan, partition: TopicPartition, span: tuple[int, int], device: bytes, track: PhoneTrack
) -> None:
    async for record in scan.read_range([partition], *span):
        if record.key == device:
            push = parse_push(record.value)
            if isinstance(push, Push):
                track.add(push, record.timestamp)
