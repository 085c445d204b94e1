"""Selection: the points of a track that a verdict uses, and the points that the state keeps for later verdicts.

A verdict uses the best point of each bucket (see `downsampling`): narrow buckets near the payment, wide ones further
off. It also uses the points next to the payment on either side, so that a gap keeps its length. The state keeps the
best, the first and the last point of each bucket. Keeping is idempotent and independent of order and duplicates, so
evidence depends on the set of points alone.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from math import inf
from typing import Final, NamedTuple, Protocol

from agents.rules.evidence.downsampling import (
    Range,
    Tier,
    at_ms,
    best_per_key,
    best_per_range,
    best_per_second,
    edges_and_best,
    ranges_around,
    without_mock,
)
from agents.rules.evidence.point_codec import TrackPoint
from agents.rules.state_limits import STATE_LIMITS

EVIDENCE_TIERS: Final = tuple(map(Tier, STATE_LIMITS.bucket_within_s, STATE_LIMITS.bucket_s))
"""Tiers of the points that a verdict uses, around its payment."""

_LATE_S: Final = STATE_LIMITS.lateness_s + STATE_LIMITS.resumed_after_s
_KEPT_WITHIN_S: Final = (*STATE_LIMITS.bucket_within_s[:-1], STATE_LIMITS.stale_s)
KEPT_TIERS: Final = tuple(
    Tier(within_s + _LATE_S, bucket_s) for within_s, bucket_s in zip(_KEPT_WITHIN_S, STATE_LIMITS.bucket_s, strict=True)
)
"""Tiers of the points that the state keeps, around the newest point.

A payment that arrives late finds the points that it would have found in time.
"""

_EVIDENCE_MS: Final = 1000 * STATE_LIMITS.evidence_s
_STALE_MS: Final = 1000 * STATE_LIMITS.stale_s
_RESUMED_AFTER_MS: Final = 1000 * STATE_LIMITS.resumed_after_s
_FOLLOW_UP_MS: Final = 1000 * STATE_LIMITS.follow_up_s


class Evidence(NamedTuple):
    """The points on which the verdict of one payment rests.

    `points`: in order of time, at most one per second. `resumed_ms`: when the phone reported again after the payment;
    None if it has not, so that a later fix is evidence as well. `stale`: a point exists, but it is too old for
    evidence.
    """

    points: list[TrackPoint]
    resumed_ms: int | None
    stale: bool

    @property
    def complete_at_ms(self) -> int | None:
        """The time from which on no fix can be evidence, unless it is later than lateness allows."""
        if self.resumed_ms is None:
            return None
        return self.resumed_ms + _FOLLOW_UP_MS + 1000 * (STATE_LIMITS.lateness_s + STATE_LIMITS.bucket_s[-1])


NO_EVIDENCE: Final = Evidence([], None, stale=False)


class Track(Protocol):
    """The position history of a phone as the rule reads it, from state or from a file."""

    def evidence(self, moment_ms: float) -> Evidence:
        """Return the evidence for a payment at that time."""
        ...

    def last(self, at_us: int) -> TrackPoint | None:
        """Return the last point at or before that time; without one, the first point after it."""
        ...

    def dropped_before(self, moment_ms: float) -> bool:
        """Return whether the points of that time are no longer kept."""
        ...


def select_evidence(points: Sequence[TrackPoint], moment_ms: float) -> Evidence:
    """Return the evidence for a payment at that time.

    `points` may be the whole track, or any superset of the points that `points_to_keep` returns for the payment.
    """
    if not points:
        return NO_EVIDENCE
    seconds = best_per_second(points)
    best = best_per_range(seconds, ranges_around(moment_ms, EVIDENCE_TIERS))
    return build_evidence(best, points_near(without_mock(seconds), moment_ms), moment_ms)


def points_to_keep(points: Sequence[TrackPoint], newest_ms: float, open_ms: Iterable[float]) -> list[TrackPoint]:
    """Return the points that later verdicts may need, in order of time.

    They serve the open payments at `open_ms`, and payments to come. Those are at most `lateness_s` older than the
    newest point, at `newest_ms`.
    """
    seconds = best_per_second(points)
    honest = without_mock(seconds)
    kept = {point.at_ms: point for point in edges_and_best(seconds, ranges_around(newest_ms, KEPT_TIERS))}
    for moment_ms in open_ms:
        best = best_per_range(seconds, ranges_around(moment_ms, EVIDENCE_TIERS))
        kept |= {point.at_ms: point for point in (*best, *points_near(honest, moment_ms).points)}
    return sorted(kept.values(), key=at_ms)


def summarise_segment(seconds: Sequence[TrackPoint]) -> list[TrackPoint]:
    """Return the points of a segment that count for moments further off: one per minute, the first and the last.

    `seconds`: the points of whole minutes in order of time.
    """
    every_minute = Range(0, inf, 60_000)
    edges = without_mock(seconds) or seconds
    return list(best_per_second([*edges[:1], *best_per_range(seconds, [every_minute]), *edges[-1:]]))


class NearbyPoints(NamedTuple):
    """The points around a moment: the last at or before it, the next one, and the first after the phone resumed."""

    before: TrackPoint | None
    after: TrackPoint | None
    resumed: TrackPoint | None

    @property
    def points(self) -> list[TrackPoint]:
        return [point for point in self if point is not None]


def points_near(honest: Sequence[TrackPoint], moment_ms: float) -> NearbyPoints:
    """Return the points around a moment, each None if it is missing or too far off to be evidence.

    `honest`: points in order of time, without mock points.
    """
    earliest_ms, latest_ms = moment_ms - _STALE_MS, moment_ms + _EVIDENCE_MS
    later = bisect_right(honest, moment_ms, key=at_ms)
    resumed = bisect_right(honest, moment_ms + _RESUMED_AFTER_MS, lo=later, key=at_ms)
    around = [honest[index] if 0 <= index < len(honest) else None for index in (later - 1, later, resumed)]
    return NearbyPoints(*(point if point and earliest_ms <= point.at_ms <= latest_ms else None for point in around))


def build_evidence(best: list[TrackPoint], near: NearbyPoints, moment_ms: float) -> Evidence:
    """Return the best points and the nearby points, up to the end of the follow-up after the phone resumed."""
    first_ms = moment_ms - _EVIDENCE_MS
    resumed_ms = None if near.resumed is None else near.resumed.at_ms
    end_ms = moment_ms + _EVIDENCE_MS if resumed_ms is None else resumed_ms + _FOLLOW_UP_MS
    points = best
    if best and (best[0].at_ms < first_ms or best[-1].at_ms > end_ms):
        points = [point for point in best if first_ms <= point.at_ms <= end_ms]
    if missing := [point for point in near.points if first_ms <= point.at_ms <= end_ms and point not in points]:
        points = sorted(dict.fromkeys([*points, *missing]), key=at_ms)
    stale = near.before is not None and near.before.at_ms < first_ms
    return Evidence(points, resumed_ms, stale)


def one_per_instant(points: Iterable[TrackPoint]) -> list[TrackPoint]:
    """Return the best point of each millisecond, in order of time."""
    return sorted(best_per_key(points, 1).values(), key=at_ms)


def last_before(moments: Sequence[TrackPoint], at_us: int) -> TrackPoint | None:
    """Return the last point at or before a time, as `Track.last` does. `moments` is in order of time."""
    later = bisect_right(moments, at_us // 1000, key=at_ms)
    return next(iter(moments[max(0, later - 1) :]), None)
