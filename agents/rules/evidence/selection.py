"""History: which points of a track a verdict looks at, and which must be kept for verdicts still to come.

A verdict looks at the best point of each bucket (see `buckets`), small ones near the payment and wide ones far from it,
and at the points next to it on either side, so that a gap is as long as it was. Kept are the best, the first and the
last point of each bucket. Keeping twice, in any order and with any repeats, gives what keeping once gives: evidence
depends on the set of points alone.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from math import inf
from typing import Final, NamedTuple, Protocol

from agents.rules.evidence.downsampling import (
    BUCKETS_S,
    HOUR_S,
    Range,
    Tier,
    at_ms,
    best_per_key,
    best_per_range,
    best_per_second,
    edges_and_best,
    non_mock,
    ranges_around,
)
from agents.rules.evidence.point_codec import TrackPoint

EVIDENCE_S: Final = 10 * HOUR_S
"""How far before and after a payment a fix speaks of it: an airliner comes half round the Earth in twice that."""

STALE_S: Final = 2 * EVIDENCE_S
"""How far before a payment a fix is still called stale, rather than nothing being known of the phone at all."""

EVIDENCE_TIERS: Final = tuple(map(Tier, (60, 180, 900, 7_200, EVIDENCE_S), BUCKETS_S))
"""What a verdict looks at around its payment. Near it every second counts; further away points only matter where
the nearer ones are missing or vague, because whoever could go on from a nearer point could also from an older one.
"""

HEARD_AFTER_S: Final = 60
"""From so long after a payment on a fix counts as hearing of the phone again: more than any till's clock is off."""

FOLLOWED_S: Final = 900
"""For so long after it was heard of again a phone is followed: what it says then shows whether it was right."""

LATENESS_S: Final = HOUR_S
"""By how much later than newer ones, of its own kind or the other, a push or a payment may come."""

_KEPT_LATE_S: Final = LATENESS_S + HEARD_AFTER_S
KEPT_TIERS: Final = tuple(
    Tier(within_s + _KEPT_LATE_S, bucket_s)
    for within_s, bucket_s in zip((60, 180, 900, 7_200, STALE_S), BUCKETS_S, strict=True)
)
"""Around the newest point: any payment that may still come finds the points it would have found in time."""


class Evidence(NamedTuple):
    """What a verdict on one payment rests on.

    `points` are in order of time, one a second at most. `heard_ms`: when the phone was heard of after the payment;
    None: not yet, and a later fix will be evidence, too. `stale`: there is a point that is older than evidence may be.
    """

    points: list[TrackPoint]
    heard_ms: int | None
    stale: bool

    @property
    def complete_at_ms(self) -> int | None:
        """From a fix of this moment on no further one can be evidence, unless it is later than any may be."""
        if self.heard_ms is None:
            return None
        return self.heard_ms + 1000 * (FOLLOWED_S + LATENESS_S + BUCKETS_S[-1])


NOTHING_KNOWN: Final = Evidence([], None, stale=False)


class Track(Protocol):
    """What is remembered of a phone, wherever it is kept."""

    def evidence(self, moment_ms: float) -> Evidence:
        """What a verdict on a payment at that moment rests on."""
        ...

    def last(self, at_us: int) -> TrackPoint | None:
        """The last point at that moment or before it; the first after it where there is none."""
        ...

    def dropped_before(self, moment_ms: float) -> bool:
        """What was known of that moment is gone."""
        ...


def select_evidence(points: Sequence[TrackPoint], moment_ms: float) -> Evidence:
    """The evidence in any superset of what `keep` keeps of a track for a payment at that moment."""
    if not points:
        return NOTHING_KNOWN
    seconds = best_per_second(points)
    best = best_per_range(seconds, ranges_around(moment_ms, EVIDENCE_TIERS))
    return is_followed_up(best, points_near(non_mock(seconds), moment_ms), moment_ms)


def points_to_keep(points: Sequence[TrackPoint], newest_ms: float, open_ms: Iterable[float]) -> list[TrackPoint]:
    """What must be kept of a track, in order of time: for payments at the given moments, and for those to come.

    Of these all that is known is that they come at most `LATENESS_S` after the newest point, that of `newest_ms`.
    """
    seconds = best_per_second(points)
    honest = non_mock(seconds)
    kept = {point.at_ms: point for point in edges_and_best(seconds, ranges_around(newest_ms, KEPT_TIERS))}
    for moment_ms in open_ms:
        best = best_per_range(seconds, ranges_around(moment_ms, EVIDENCE_TIERS))
        kept |= {point.at_ms: point for point in (*best, *points_near(honest, moment_ms).points)}
    return sorted(kept.values(), key=at_ms)


def summarise_segment(seconds: Sequence[TrackPoint]) -> list[TrackPoint]:
    """Of the points of a stretch of whole minutes, in order: what counts of it where the moment is not near."""
    every_minute = Range(0, inf, 60_000)
    edges = non_mock(seconds) or seconds
    return list(best_per_second([*edges[:1], *best_per_range(seconds, [every_minute]), *edges[-1:]]))


class NearbyPoints(NamedTuple):
    """The points next to a moment: the last at it or before, the next one, and the first that counts as heard after."""

    before: TrackPoint | None
    after: TrackPoint | None
    heard: TrackPoint | None

    @property
    def points(self) -> list[TrackPoint]:
        return [point for point in self if point is not None]


def points_near(honest: Sequence[TrackPoint], moment_ms: float) -> NearbyPoints:
    """Of points in order of time, none of them mock, as far as they may speak of the moment."""
    earliest_ms, latest_ms = moment_ms - 1000 * STALE_S, moment_ms + 1000 * EVIDENCE_S
    later = bisect_right(honest, moment_ms, key=at_ms)
    heard = bisect_right(honest, moment_ms + 1000 * HEARD_AFTER_S, lo=later, key=at_ms)
    around = [honest[place] if 0 <= place < len(honest) else None for place in (later - 1, later, heard)]
    return NearbyPoints(*(point if point and earliest_ms <= point.at_ms <= latest_ms else None for point in around))


def is_followed_up(best: list[TrackPoint], near: NearbyPoints, moment_ms: float) -> Evidence:
    """The best of the buckets and the points beside the moment, as far as the phone is followed after it."""
    first_ms = moment_ms - 1000 * EVIDENCE_S
    heard_ms = None if near.heard is None else near.heard.at_ms
    end_ms = moment_ms + 1000 * EVIDENCE_S if heard_ms is None else heard_ms + 1000 * FOLLOWED_S
    points = best
    if best and (best[0].at_ms < first_ms or best[-1].at_ms > end_ms):
        points = [point for point in best if first_ms <= point.at_ms <= end_ms]
    if missing := [point for point in near.points if first_ms <= point.at_ms <= end_ms and point not in points]:
        points = sorted(dict.fromkeys([*points, *missing]), key=at_ms)
    stale = near.before is not None and near.before.at_ms < first_ms
    return Evidence(points, heard_ms, stale)


def one_per_instant(points: Iterable[TrackPoint]) -> list[TrackPoint]:
    """In order of time; of several of one moment the best."""
    return sorted(best_per_key(points, 1).values(), key=at_ms)


def last_before(moments: Sequence[TrackPoint], at_us: int) -> TrackPoint | None:
    """As `Track.last`, of points in order of time."""
    later = bisect_right(moments, at_us // 1000, key=at_ms)
    return next(iter(moments[max(0, later - 1) :]), None)
