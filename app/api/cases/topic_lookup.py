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
from app.settings.settings import Settings
from schemas.json.timestamps import parse_epoch_us
from schemas.push import Push, parse_push
from schemas.verdict import Outcome

T = TypeVar("T")

AT_A_TIME: Final = 2
WAITING_MAX: Final = 20
CLOCKS_MS: Final = 5 * 60_000
"""By so much the clocks of card systems, phones and brokers may differ."""

NEAR_MS: Final = 5 * 60_000
"""What was said this near to the payment is read first, in case not all can be."""


class TopicLookup:
    """Reads the topics for a case, for two at a time, and remembers it for a minute.

    Each question raises UnavailableError where no broker answers, or too many wait.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turn = asyncio.Semaphore(AT_A_TIME)
        self._waiting = 0
        self._trails: SingleFlightCache[CaseHistory] = SingleFlightCache()
        self._tracks: SingleFlightCache[dict[str, Any]] = SingleFlightCache()

    async def trail(self, case: StoredCase) -> CaseHistory:
        """What is on the topic of suspects, or of verdicts where the case is none."""
        return await self._trails.get(case["id"], lambda: self.trail_now(case))

    async def trail_now(self, case: StoredCase) -> CaseHistory:
        """The same, not as it was up to a minute ago."""
        return await self._in_turn(lambda: self._follow(case))

    async def track(self, case: StoredCase, trail: CaseHistory) -> dict[str, Any]:
        """Where the phone was around the payment, coarse, as JSON."""
        return await self._tracks.get(case["id"], lambda: self._in_turn(lambda: self._track(case, trail)))

    async def _in_turn(self, read: Callable[[], Awaitable[T]]) -> T:
        if self._waiting >= WAITING_MAX:
            raise UnavailableError("too many cases are being read from the topics: try again in a moment")
        self._waiting += 1
        try:
            async with self._turn:
                return await read()
        finally:
            self._waiting -= 1

    async def _follow(self, case: StoredCase) -> CaseHistory:
        topics = self._settings.topics
        topic = topics.suspects if case["verdict"] == Outcome.SUSPECT else topics.verdicts
        places = [TopicPartition(topic, number) for number in range(self._settings.partitions)]
        # That its device was forgotten lies there, too: as far back as positions are shown, it must be known.
        from_ms = paid_ms(case) - BEFORE_MS - CLOCKS_MS
        follower = CaseHistoryBuilder(case)
        async with open_scan(self._settings) as scan:
            async for record in scan.stretch(places, from_ms):
                if follower.take(record):
                    scan.narrow(TopicPartition(topic, record.partition))
            return follower.trail(complete=scan.is_whole, is_spent=scan.is_spent)

    async def _track(self, case: StoredCase, trail: CaseHistory) -> dict[str, Any]:
        track = PhoneTrack(paid_ms(case), trail.since_ms)
        if trail.device is None:
            return track.as_json(complete=False)
        place = TopicPartition(self._settings.topics.locations, trail.partition)
        async with open_scan(self._settings) as scan:
            for stretch in _stretches(paid_ms(case), [at_ms for _, at_ms in trail.revisions]):
                await _locate(scan, place, stretch, trail.device, track)
            return track.as_json(complete=scan.is_whole)


def paid_ms(case: StoredCase) -> int:
    """When the case's payment was made, epoch milliseconds."""
    at_us = parse_epoch_us(case["timestamp"])
    assert isinstance(at_us, int)  # noqa: S101 - as it is in every verdict
    return at_us // 1000


def _stretches(paid: int, published_ms: Sequence[int]) -> Iterator[tuple[int, int]]:
    """When records may have come that say where the phone was: near the payment first, then before, then after it.

    Phones report late, and a payment that is judged long afterwards is judged by positions that came long afterwards.
    """
    first, last = min(paid, *published_ms), max(paid, *published_ms)
    begin, end = first - BEFORE_MS - CLOCKS_MS, last + AFTER_MS + 1000 * LATENESS_S
    near = paid - NEAR_MS, paid + NEAR_MS
    yield near
    yield begin, near[0]
    yield near[1], end


async def _locate(
    scan: TopicScan, place: TopicPartition, stretch: tuple[int, int], device: bytes, track: PhoneTrack
) -> None:
    async for record in scan.stretch([place], *stretch):
        if record.key == device:
            push = parse_push(record.value)
            if isinstance(push, Push):
                track.add(push, record.timestamp)
