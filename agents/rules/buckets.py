"""Buckets: time cut into parts on one grid for everyone, and the points that stand for each part.

Hours are made of tens of minutes, those of minutes and so on down to seconds. A bucket near a moment is opened into its
parts; a bucket away from it stays closed and is stood for by its best point. The best of a bucket is the best of its
parts' best, so what is left of a track depends on the set of its points alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from math import ceil, floor, inf
from typing import Final, NamedTuple

from agents.rules.track import TrackPoint

HOUR_S: Final = 3_600

BUCKETS_S: Final = (1, 10, 60, 600, HOUR_S)
"""Each a multiple of the one before."""


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


def best_of_seconds(points: Iterable[TrackPoint]) -> list[TrackPoint]:
    """One point a second, the best, in order of time. All else begins with these."""
    best: dict[int, TrackPoint] = {}
    for point in points:
        second = point.at_ms // 1000
        held = best.setdefault(second, point)
        if held is not point and rank(point) < rank(held):
            best[second] = point
    return sorted(best.values(), key=at_ms)


def best_of_buckets(seconds: Iterable[TrackPoint], ranges: Sequence[Range]) -> list[TrackPoint]:
    """Of each bucket the best point, of points that are in order."""
    return [points[0] if len(points) == 1 else min(points, key=rank) for points in _buckets(seconds, ranges)]


def edges_and_best(seconds: Iterable[TrackPoint], ranges: Sequence[Range]) -> Iterator[TrackPoint]:
    """Of each bucket the first, the last and the best point. A mock one only where there is no other."""
    for points in _buckets(seconds, ranges):
        honest = honest_of(points) or points
        yield from (honest[0], min(honest, key=rank), honest[-1])


def honest_of(points: Iterable[TrackPoint]) -> list[TrackPoint]:
    """The points that do not say themselves that they are made up."""
    return [point for point in points if not point.mock]


def rank(point: TrackPoint) -> tuple[object, ...]:
    """Lower is better: honest before mock, exact before vague, early before late; then whatever is the same for all."""
    accuracy_m = point.accuracy or inf
    return (point.flags, accuracy_m, point.at_ms, point.latitude_e7, point.longitude_e7, point.speed_cmps)


def at_ms(point: TrackPoint) -> int:
    """To sort by. Unique where it is used: points of one second share a bucket."""
    return point.at_ms


def _buckets(seconds: Iterable[TrackPoint], ranges: Sequence[Range]) -> Iterable[list[TrackPoint]]:
    """The points, which are in order, by bucket; without those further away than the last range."""
    buckets: dict[tuple[int, int], list[TrackPoint]] = {}
    for point in seconds:
        moment_ms = point.at_ms
        for first_ms, end_ms, width_ms in ranges:
            if first_ms <= moment_ms < end_ms:
                buckets.setdefault((width_ms, moment_ms // width_ms), []).append(point)
                break
    return buckets.values()
