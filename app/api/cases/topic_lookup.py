"""Evidence: what the topics still have of a case. Whose device it is, is known here and told to nobody."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

from aiokafka import TopicPartition

from agents.rules.evidence.selection import LATENESS_S
from app.api.cases.case_history import CaseHistory, CaseHistoryBuilder
from app.api.cases.phone_track import AFTER_MS, BEFORE_MS, PhoneTrack
from app.api.cases.search import StoredCase
from app.api.cases.single_flight_cache import SingleFlightCache
from app.api.cases.topic_scan import TopicScan, open_scan
from app.errors import UnavailableError
from app.settings import Settings
from schemas.json.timestamps import parse_epoch_us
from schemas.push import Push, parse_push
from schemas.verdict import Outcome

T = TypeVar("T")

CONCURRENT_MAX: Final = 2
QUEUED_MAX: Final = 20
CLOCK_SKEW_MS: Final = 5 * 60_000
"""By so much the clocks of card systems, phones and brokers may differ."""

NEAR_PAYMENT_MS: Final = 5 * 60_000
"""What was said this near to the payment is read first, in case not all can be."""


class TopicLookup:
    """Reads the topics for a case, for two at a time, and remembers it for a minute.

    Each question raises UnavailableError where no broker answers, or too many wait.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._slots = asyncio.Semaphore(CONCURRENT_MAX)
        self._queued = 0
        self._histories: SingleFlightCache[CaseHistory] = SingleFlightCache()
        self._tracks: SingleFlightCache[dict[str, Any]] = SingleFlightCache()

    async def history(self, case: StoredCase) -> CaseHistory:
        """What is on the topic of suspects, or of verdicts where the case is none."""
        return await self._histories.get(case["id"], lambda: self.history_now(case))

    async def history_now(self, case: StoredCase) -> CaseHistory:
        """The same, not as it was up to a minute ago."""
        return await self._with_slot(lambda: self._read_history(case))

    async def track(self, case: StoredCase, history: CaseHistory) -> dict[str, Any]:
        """Where the phone was around the payment, coarse, as JSON."""
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
        places = [TopicPartition(topic, number) for number in range(self._settings.partitions)]
        # That its device was forgotten lies there, too: as far back as positions are shown, it must be known.
        from_ms = paid_ms(case) - BEFORE_MS - CLOCK_SKEW_MS
        follower = CaseHistoryBuilder(case)
        async with open_scan(self._settings) as scan:
            async for record in scan.read_range(places, from_ms):
                if follower.add(record):
                    scan.restrict(TopicPartition(topic, record.partition))
            return follower.build(complete=scan.is_complete, is_truncated=scan.budget_spent)

    async def _read_track(self, case: StoredCase, history: CaseHistory) -> dict[str, Any]:
        track = PhoneTrack(paid_ms(case), history.erased_until_ms)
        if history.device is None:
            return track.as_json(complete=False)
        place = TopicPartition(self._settings.topics.locations, history.partition)
        async with open_scan(self._settings) as scan:
            for stretch in _ranges(paid_ms(case), [at_ms for _, at_ms in history.revisions]):
                await _add_fixes(scan, place, stretch, history.device, track)
            return track.as_json(complete=scan.is_complete)


def paid_ms(case: StoredCase) -> int:
    """When the case's payment was made, epoch milliseconds."""
    at_us = parse_epoch_us(case["timestamp"])
    assert isinstance(at_us, int)  # noqa: S101 - as it is in every verdict
    return at_us // 1000


def _ranges(paid: int, published_ms: Sequence[int]) -> Iterator[tuple[int, int]]:
    """When records may have come that say where the phone was: near the payment first, then before, then after it.

    Phones report late, and a payment that is judged long afterwards is judged by positions that came long afterwards.
    """
    first, last = min(paid, *published_ms), max(paid, *published_ms)
    begin, end = first - BEFORE_MS - CLOCK_SKEW_MS, last + AFTER_MS + 1000 * LATENESS_S
    near = paid - NEAR_PAYMENT_MS, paid + NEAR_PAYMENT_MS
    yield near
    yield begin, near[0]
    yield near[1], end


async def _add_fixes(
    scan: TopicScan, place: TopicPartition, stretch: tuple[int, int], device: bytes, track: PhoneTrack
) -> None:
    async for record in scan.read_range([place], *stretch):
        if record.key == device:
            push = parse_push(record.value)
            if isinstance(push, Push):
                track.add(push, record.timestamp)
