"""Downsampling: buckets of time on one fixed grid, and the points that represent each bucket.

An hour consists of buckets of ten minutes, those of buckets of a minute, and so on down to seconds. A bucket near a
moment is split into its parts. A bucket further off is represented by its best point. The best point of a bucket is the
best of its parts' best points, so the result depends on the set of points alone.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, islice
from math import ceil, floor
from operator import itemgetter, lt
from typing import Final, NamedTuple

from agents.rules.evidence.point_codec import MOCK, TrackPoint
from agents.rules.state_limits import STATE_LIMITS

_FINEST_MS: Final = 1000 * STATE_LIMITS.bucket_s[0]

_INDEX: Final = TrackPoint._fields.index

rank: Final = itemgetter(*map(_INDEX, ("flags", "accuracy", "at_ms", "latitude_e7", "longitude_e7", "speed_cmps")))
"""Sort key of points, best first: honest before mock, exact before vague, early before late.

The other fields break ties, so that the order does not depend on the order of arrival.
"""

at_ms: Final[Callable[[TrackPoint], int]] = itemgetter(_INDEX("at_ms"))
"""Sort key by time. Unique where it is used, because points of one second share a bucket."""

_flags: Final[Callable[[TrackPoint], int]] = itemgetter(_INDEX("flags"))


class Tier(NamedTuple):
    """A bucket width and its range: wider buckets within `within_s` of the moment are split into `bucket_s`."""

    within_s: int
    bucket_s: int


class Range(NamedTuple):
    """A time range with buckets of one width. `first_ms` is included, `end_ms` is not."""

    first_ms: int
    end_ms: float
    width_ms: int


def ranges_around(moment_ms: float, tiers: Sequence[Tier]) -> list[Range]:
    """Return the range of each tier, finest first.

    A range consists of whole buckets of the next wider tier; the widest one of whole buckets of its own. Each range
    lies within the next one, so the first range that contains a moment counts.
    """
    ranges = []
    for (within_s, bucket_s), (_, parent_s) in zip(tiers, (*tiers[1:], tiers[-1]), strict=True):
        parent_ms, within_ms = parent_s * 1000, within_s * 1000
        # a bucket is near if the moment is at most this far from its nearer edge
        first = ceil((moment_ms - within_ms) / parent_ms) - 1
        end = floor((moment_ms + within_ms) / parent_ms) + 1
        ranges.append(Range(first * parent_ms, end * parent_ms, bucket_s * 1000))
    return ranges


def best_per_second(points: Sequence[TrackPoint]) -> Sequence[TrackPoint]:
    """Return the best point of each second in order of time. The other functions expect their result."""
    seconds = [point.at_ms // 1000 for point in points]
    if all(map(lt, seconds, islice(seconds, 1, None))):
        return points  # nearly always, because rows keep points in this order
    return sorted(best_per_key(points, _FINEST_MS).values(), key=at_ms)


def best_per_key(points: Iterable[TrackPoint], width_ms: int) -> dict[int, TrackPoint]:
    """Return the best point of each bucket of that width, by the bucket's number."""
    best: dict[int, TrackPoint] = {}
    for point in points:
        number = point.at_ms // width_ms
        held = best.setdefault(number, point)
        if held is not point and rank(point) < rank(held):
            best[number] = point
    return best


def best_per_range(seconds: Sequence[TrackPoint], ranges: Sequence[Range]) -> list[TrackPoint]:
    """Return the best point of each bucket in order of time. `seconds`: from `best_per_second`."""
    best: list[TrackPoint] = []
    for part, width_ms in _parts(seconds, ranges):
        best += part if width_ms == _FINEST_MS else _best_of_each(part, width_ms)
    return sorted(best, key=at_ms)


def edges_and_best(seconds: Sequence[TrackPoint], ranges: Sequence[Range]) -> Iterator[TrackPoint]:
    """Yield the first, best and last point of each bucket. A mock point counts only in a bucket without others."""
    for part, width_ms in _parts(seconds, ranges):
        for bucket in _buckets(part, width_ms):
            honest = without_mock(bucket) or bucket
            yield from (honest[0], min(honest, key=rank), honest[-1])


def without_mock(points: Sequence[TrackPoint]) -> Sequence[TrackPoint]:
    """Return the points that the phone did not mark as invented."""
    if not any(map(_flags, points)):
        return points  # nearly always
    return [point for point in points if not point.flags & MOCK]


def _parts(seconds: Sequence[TrackPoint], ranges: Sequence[Range]) -> Iterator[tuple[Sequence[TrackPoint], int]]:
    """Yield the points in parts with one bucket width each.

    The points are in order; those beyond the last range drop.
    """
    moments = [point.at_ms for point in seconds]
    inner = outer = bisect_left(moments, ranges[0].first_ms)
    for first_ms, end_ms, width_ms in ranges:
        first, end = bisect_left(moments, first_ms, hi=inner), bisect_left(moments, end_ms, lo=outer)
        yield seconds[first:inner], width_ms
        yield seconds[outer:end], width_ms
        inner, outer = first, end


def _best_of_each(points: Sequence[TrackPoint], width_ms: int) -> list[TrackPoint]:
    """Return the same as `best_per_key`, for points in order of time.

    In that order a later point is better only if it is less mock or more exact.
    """
    best: list[TrackPoint] = []
    held_number = None
    for point in points:
        number = point[0] // width_ms  # access by name takes twice as long, and this loop is hot
        if number != held_number:
            best.append(point)
            held_number = number
        elif (point.accuracy < best[-1].accuracy or point.flags < best[-1].flags) and rank(point) < rank(best[-1]):
            best[-1] = point
    return best


def _buckets(points: Sequence[TrackPoint], width_ms: int) -> Iterator[list[TrackPoint]]:
    return (list(bucket) for _, bucket in groupby(points, lambda point: point.at_ms // width_ms))
