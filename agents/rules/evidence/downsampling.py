"""Buckets: time cut into parts on one grid for everyone, and the points that stand for each part.

Hours are made of tens of minutes, those of minutes and so on down to seconds. A bucket near a moment is opened into its
parts; a bucket away from it stays closed and is stood for by its best point. The best of a bucket is the best of its
parts' best, so what is left of a track depends on the set of its points alone.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, islice
from math import ceil, floor
from operator import itemgetter, lt
from typing import Final, NamedTuple

from agents.rules.evidence.point_codec import MOCK, TrackPoint

HOUR_S: Final = 3_600

BUCKETS_S: Final = (1, 10, 60, 600, HOUR_S)
"""Each a multiple of the one before."""

_FINEST_MS: Final = 1000 * BUCKETS_S[0]


_PLACE: Final = TrackPoint._fields.index

rank: Final = itemgetter(*map(_PLACE, ("flags", "accuracy", "at_ms", "latitude_e7", "longitude_e7", "speed_cmps")))
"""Lower is better: honest before mock, exact before vague, early before late; then whatever is the same for all."""

at_ms: Final[Callable[[TrackPoint], int]] = itemgetter(_PLACE("at_ms"))
"""To sort by. Unique where it is used: points of one second share a bucket."""


_flags: Final[Callable[[TrackPoint], int]] = itemgetter(_PLACE("flags"))


class Tier(NamedTuple):
    """Buckets of `bucket_s` are made by opening the next wider ones that lie within `within_s` of the moment."""

    within_s: int
    bucket_s: int


class Range(NamedTuple):
    """From when (included) until when (not), and how wide its buckets are."""

    first_ms: int
    end_ms: float
    width_ms: int


def ranges_around(moment_ms: float, tiers: Sequence[Tier]) -> list[Range]:
    """For each tier from fine to coarse where its buckets are.

    A tier's range is made of whole buckets of the next wider tier, the widest one's of its own; each range lies within
    the next one, so the first that holds a moment is the one that counts.
    """
    ranges = []
    for (within_s, bucket_s), (_, parent_s) in zip(tiers, (*tiers[1:], tiers[-1]), strict=True):
        parent_ms, within_ms = parent_s * 1000, within_s * 1000
        # a bucket is near when the moment is at most so far from its nearer edge
        first = ceil((moment_ms - within_ms) / parent_ms) - 1
        end = floor((moment_ms + within_ms) / parent_ms) + 1
        ranges.append(Range(first * parent_ms, end * parent_ms, bucket_s * 1000))
    return ranges


def best_per_second(points: Sequence[TrackPoint]) -> Sequence[TrackPoint]:
    """One point a second, the best, in order of time. All else begins with these."""
    seconds = [point.at_ms // 1000 for point in points]
    if all(map(lt, seconds, islice(seconds, 1, None))):
        return points  # as nearly always, since what was kept is kept in this order
    return sorted(best_per_key(points, _FINEST_MS).values(), key=at_ms)


def best_per_key(points: Iterable[TrackPoint], width_ms: int) -> dict[int, TrackPoint]:
    """The best point of each bucket of that width, by the bucket's number."""
    best: dict[int, TrackPoint] = {}
    for point in points:
        number = point.at_ms // width_ms
        held = best.setdefault(number, point)
        if held is not point and rank(point) < rank(held):
            best[number] = point
    return best


def best_per_range(seconds: Sequence[TrackPoint], ranges: Sequence[Range]) -> list[TrackPoint]:
    """Of each bucket the best point, in order of time, of points that are `best_of_seconds`."""
    best: list[TrackPoint] = []
    for part, width_ms in _parts(seconds, ranges):
        best += part if width_ms == _FINEST_MS else _best_of_each(part, width_ms)
    return sorted(best, key=at_ms)


def edges_and_best(seconds: Sequence[TrackPoint], ranges: Sequence[Range]) -> Iterator[TrackPoint]:
    """Of each bucket the first, the last and the best point. A mock one only where there is no other."""
    for part, width_ms in _parts(seconds, ranges):
        for bucket in _buckets(part, width_ms):
            honest = non_mock(bucket) or bucket
            yield from (honest[0], min(honest, key=rank), honest[-1])


def non_mock(points: Sequence[TrackPoint]) -> Sequence[TrackPoint]:
    """The points that do not say themselves that they are made up."""
    if not any(map(_flags, points)):
        return points  # as nearly always
    return [point for point in points if not point.flags & MOCK]


def _parts(seconds: Sequence[TrackPoint], ranges: Sequence[Range]) -> Iterator[tuple[Sequence[TrackPoint], int]]:
    """The points, which are in order, cut into stretches with buckets of one width; none beyond the last range."""
    moments = [point.at_ms for point in seconds]
    inner = outer = bisect_left(moments, ranges[0].first_ms)
    for first_ms, end_ms, width_ms in ranges:
        first, end = bisect_left(moments, first_ms, hi=inner), bisect_left(moments, end_ms, lo=outer)
        yield seconds[first:inner], width_ms
        yield seconds[outer:end], width_ms
        inner, outer = first, end


def _best_of_each(points: Sequence[TrackPoint], width_ms: int) -> list[TrackPoint]:
    """As `best_by`, of points in order of time, where a later one is only better when it is less mock or more exact."""
    best: list[TrackPoint] = []
    held_number = None
    for point in points:
        number = point[0] // width_ms  # by name takes twice as long, and this is hot
        if number != held_number:
            best.append(point)
            held_number = number
        elif (point.accuracy < best[-1].accuracy or point.flags < best[-1].flags) and rank(point) < rank(best[-1]):
            best[-1] = point
    return best


def _buckets(points: Sequence[TrackPoint], width_ms: int) -> Iterator[list[TrackPoint]]:
    return (list(bucket) for _, bucket in groupby(points, lambda point: point.at_ms // width_ms))
