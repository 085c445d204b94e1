"""History: which points of a track are kept, dense near a moment and thinner away from it.

Time is cut into buckets on one grid for everyone, hours into tens of minutes, those into minutes and so on. A bucket
near the moment is opened into its parts; a bucket away from it stays closed and keeps only its best point. The best
of a bucket is the best of its parts' best, so thinning twice, in any order and with any repeats, gives what thinning
once gives: the outcome depends on the set of points alone.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, Protocol

from agents.rules.track import TrackPoint

DAY_S: Final = 86_400


class Tier(NamedTuple):
    """Buckets of `bucket_s` are made by opening the next wider ones that lie within `within_s` of the moment."""

    within_s: int
    bucket_s: int


BUCKETS_S: Final = (1, 10, 60, 600, 3_600)
"""Each a multiple of the one before."""

EVIDENCE_TIERS: Final = tuple(map(Tier, (60, 180, 900, 7_200, DAY_S), BUCKETS_S))
"""What a verdict looks at around its payment. Near it every second counts; further away points only matter where
the nearer ones are missing or vague, because whoever could go on from a nearer point could also from an older one.
"""

EVIDENCE_AFTER_S: Final = 7_200
"""How long after a payment a fix still speaks of it: pushes come up to an hour late, and so may the payment."""

_LATE_S: Final = 120  # a payment this late still finds the history as dense as one in time
KEPT_TIERS: Final = tuple(Tier(tier.within_s + _LATE_S, tier.bucket_s) for tier in EVIDENCE_TIERS)


def thin(points: Iterable[TrackPoint], around_ms: float, tiers: tuple[Tier, ...]) -> list[TrackPoint]:
    """The best point of each bucket, in order of time; none from a bucket that is further away than the last tier."""
    best: dict[tuple[int, int], TrackPoint] = {}
    for point in points:
        bucket = _bucket_of(point.at_ms, around_ms, tiers)
        if bucket is not None:
            held = best.get(bucket)
            if held is None or _rank(point) < _rank(held):
                best[bucket] = point
    return sorted(best.values(), key=_at_ms)


def evidence(points: Iterable[TrackPoint], at_ms: float) -> list[TrackPoint]:
    """The points a verdict on a payment at `at_ms` may rest on, in order of time."""
    last_s = _last_s(at_ms)
    return thin((point for point in points if point.at_ms // 1000 <= last_s), at_ms, EVIDENCE_TIERS)


class Track(Protocol):
    """What is remembered of a phone, wherever it is kept."""

    def evidence(self, at_ms: float) -> list[TrackPoint]:
        """The points a verdict on a payment at that moment may rest on, in order of time."""
        ...

    @property
    def oldest_ms(self) -> int | None:
        """The oldest moment of which anything is remembered."""
        ...


class Archive:
    """A whole track at hand, as in a file: finds the evidence for many payments without going through all of it."""

    def __init__(self, points: Iterable[TrackPoint]) -> None:
        self._best: list[dict[int, TrackPoint]] = []
        for bucket_s in BUCKETS_S:
            level: dict[int, TrackPoint] = {}
            for point in self._best[-1].values() if self._best else points:
                key = point.at_ms // (bucket_s * 1000)
                held = level.get(key)
                if held is None or _rank(point) < _rank(held):
                    level[key] = point
            self._best.append(level)

    @property
    def oldest_ms(self) -> int | None:
        return min(map(_at_ms, self._best[0].values()), default=None)

    def evidence(self, at_ms: float) -> list[TrackPoint]:
        """Exactly what `evidence` gives for all the points."""
        top = len(BUCKETS_S) - 1
        reach_s, bucket_s = EVIDENCE_TIERS[top]
        first = int(at_ms // 1000 - reach_s) // bucket_s - 1
        last = _last_s(at_ms) // bucket_s
        found = [point for key in range(first, last + 1) for point in self._open(top, key, at_ms)]
        return sorted(found, key=_at_ms)

    def _open(self, level: int, key: int, at_ms: float) -> Iterator[TrackPoint]:
        if key not in self._best[level] or (
            level == len(BUCKETS_S) - 1
            and _gap_ms(key, BUCKETS_S[level], at_ms) > EVIDENCE_TIERS[level].within_s * 1000
        ):
            return
        finer = level - 1
        if level and _gap_ms(key, BUCKETS_S[level], at_ms) <= EVIDENCE_TIERS[finer].within_s * 1000:
            for part in _parts(level, key):
                yield from self._open(finer, part, at_ms)
        elif (best := self._best_until(level, key, _last_s(at_ms))) is not None:
            yield best

    def _best_until(self, level: int, key: int, last_s: int) -> TrackPoint | None:
        if key not in self._best[level] or key * BUCKETS_S[level] > last_s:
            return None
        if (key + 1) * BUCKETS_S[level] - 1 <= last_s:
            return self._best[level][key]
        parts = (self._best_until(level - 1, part, last_s) for part in _parts(level, key))
        return min((part for part in parts if part is not None), key=_rank, default=None)


def _bucket_of(at_ms: int, around_ms: float, tiers: tuple[Tier, ...]) -> tuple[int, int] | None:
    """The bucket that speaks for a moment, as (width, number)."""
    level = len(tiers) - 1
    within_s, width_s = tiers[level]
    key = at_ms // (width_s * 1000)
    if _gap_ms(key, width_s, around_ms) > within_s * 1000:
        return None
    while level and _gap_ms(key, width_s, around_ms) <= tiers[level - 1].within_s * 1000:
        level -= 1
        width_s = tiers[level].bucket_s
        key = at_ms // (width_s * 1000)
    return width_s, key


def _gap_ms(key: int, width_s: int, around_ms: float) -> float:
    """How far a bucket is from a moment; zero when the moment lies in it."""
    start_ms = key * width_s * 1000
    return max(0.0, start_ms - around_ms, around_ms - (start_ms + width_s * 1000))


def _parts(level: int, key: int) -> range:
    """The numbers of the next finer buckets of a bucket."""
    times = BUCKETS_S[level] // BUCKETS_S[level - 1]
    return range(key * times, (key + 1) * times)


def _last_s(at_ms: float) -> int:
    return int(at_ms // 1000) + EVIDENCE_AFTER_S


def _at_ms(point: TrackPoint) -> int:
    return point.at_ms  # unique where it is used: points of one second share a bucket


def _rank(point: TrackPoint) -> tuple[object, ...]:
    """Lower is better: honest before mock, exact before vague, early before late; then whatever is the same for all."""
    accuracy_m = float("inf") if point.accuracy_m is None else point.accuracy_m
    speed_mps = -1.0 if point.speed_mps is None else point.speed_mps
    return (point.mock, accuracy_m, point.at_ms, point.latitude, point.longitude, speed_mps)
