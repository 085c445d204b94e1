"""History: which points of a track are kept, dense near a moment and thinner away from it.

Time is cut into buckets on one grid for everyone, hours into tens of minutes, those into minutes and so on. A bucket
near the moment is opened into its parts; a bucket away from it stays closed and keeps only its best point. The best
of a bucket is the best of its parts' best, so thinning twice, in any order and with any repeats, gives what thinning
once gives: the outcome depends on the set of points alone.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from math import ceil, floor, inf
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
    return _best_of_each(points, _ranges(around_ms, tiers))


def evidence(points: Iterable[TrackPoint], at_ms: float) -> list[TrackPoint]:
    """The points a verdict on a payment at `at_ms` may rest on, in order of time."""
    end_ms = 1000 * (_last_s(at_ms) + 1)
    ranges = _ranges(at_ms, EVIDENCE_TIERS)
    return _best_of_each(points, [place._replace(end_ms=min(place.end_ms, end_ms)) for place in ranges])


def _best_of_each(points: Iterable[TrackPoint], ranges: "Sequence[_Range]") -> list[TrackPoint]:
    best: dict[tuple[int, int], TrackPoint] = {}
    for point in points:
        at_ms = point.at_ms
        for first_ms, end_ms, width_ms in ranges:
            if first_ms <= at_ms < end_ms:
                bucket = (width_ms, at_ms // width_ms)
                held = best.setdefault(bucket, point)
                if held is not point and _rank(point) < _rank(held):
                    best[bucket] = point
                break
    return sorted(best.values(), key=_at_ms)


class Track(Protocol):
    """What is remembered of a phone, wherever it is kept."""

    def evidence(self, at_ms: float) -> list[TrackPoint]:
        """The points a verdict on a payment at that moment may rest on, in order of time."""
        ...

    def last(self, at_us: int) -> TrackPoint | None:
        """The last point at that moment or before it; the first after it where there is none."""
        ...

    @property
    def oldest_ms(self) -> int | None:
        """The oldest moment of which anything is remembered."""
        ...


class Timeline:
    """Points in order of time, one a moment: of several the best."""

    def __init__(self, points: Iterable[TrackPoint]) -> None:
        best: dict[int, TrackPoint] = {}
        for point in points:
            if _rank(point) < _rank(best.setdefault(point.at_ms, point)):
                best[point.at_ms] = point
        self._points = sorted(best.values(), key=_at_ms)

    def last(self, at_us: int) -> TrackPoint | None:
        """As `Track.last`."""
        later = bisect_right(self._points, at_us // 1000, key=_at_ms)
        return next(iter(self._points[max(0, later - 1) :]), None)


class Archive:
    """A whole track at hand, as in a file: finds the evidence for many payments without going through all of it."""

    def __init__(self, points: Iterable[TrackPoint]) -> None:
        self._points = points = list(points)
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

    def last(self, at_us: int) -> TrackPoint | None:
        return self._timeline.last(at_us)

    @cached_property
    def _timeline(self) -> Timeline:
        return Timeline(self._points)

    def evidence(self, at_ms: float) -> list[TrackPoint]:
        """Exactly what `evidence` gives for all the points."""
        ranges = _ranges(at_ms, EVIDENCE_TIERS)
        first_ms, end_ms, width_ms = ranges[-1]
        keys = range(first_ms // width_ms, end_ms // width_ms)
        found = [point for key in keys for point in self._open(len(ranges) - 1, key, ranges, _last_s(at_ms))]
        return sorted(found, key=_at_ms)

    def _open(self, level: int, key: int, ranges: Sequence["_Range"], last_s: int) -> Iterator[TrackPoint]:
        """The best points of a bucket's parts when it is opened, otherwise its own."""
        if key not in self._best[level]:
            return
        if level and ranges[level - 1].first_ms <= key * ranges[level].width_ms < ranges[level - 1].end_ms:
            for part in _parts(level, key):
                yield from self._open(level - 1, part, ranges, last_s)
        elif (best := self._best_until(level, key, last_s)) is not None:
            yield best

    def _best_until(self, level: int, key: int, last_s: int) -> TrackPoint | None:
        if key not in self._best[level] or key * BUCKETS_S[level] > last_s:
            return None
        if (key + 1) * BUCKETS_S[level] - 1 <= last_s:
            return self._best[level][key]
        parts = (self._best_until(level - 1, part, last_s) for part in _parts(level, key))
        return min((part for part in parts if part is not None), key=_rank, default=None)


class _Range(NamedTuple):
    """From when (included) until when (not), and how wide its buckets are."""

    first_ms: int
    end_ms: int
    width_ms: int


def _ranges(around_ms: float, tiers: tuple[Tier, ...]) -> list[_Range]:
    """For each tier from fine to coarse where its buckets are.

    A tier's range is made of whole buckets of the next wider tier, the widest one's of its own; each range lies within
    the next one, so the first that holds a moment is the one that counts.
    """
    ranges = []
    for (within_s, bucket_s), (_, parent_s) in zip(tiers, (*tiers[1:], tiers[-1]), strict=True):
        parent_ms, within_ms = parent_s * 1000, within_s * 1000
        # a bucket is near when the moment is at most so far from its nearer edge
        first = ceil((around_ms - within_ms) / parent_ms) - 1
        last = floor((around_ms + within_ms) / parent_ms)
        ranges.append(_Range(first * parent_ms, (last + 1) * parent_ms, bucket_s * 1000))
    return ranges


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
    accuracy_m = point.accuracy or inf
    return (point.flags, accuracy_m, point.at_ms, point.latitude_e7, point.longitude_e7, point.speed_cmps)
