"""Decide: the test of one payment against one phone, the same for live payments and for files."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from agents.rules.decision.kinematics import reach_m, start_speed_mps
from agents.rules.decision.payment_location import PaymentLocation
from agents.rules.decision.reachability import (
    Constraint,
    constraints,
    impossible,
    minimum_distance_m,
    missing_time_s,
    place_uncertainty_m,
    reachable_at_stated_time,
)
from agents.rules.evidence.downsampling import at_ms, without_mock
from agents.rules.evidence.outlier_filter import accuracy_m, consistent_points
from agents.rules.evidence.point_codec import TrackPoint
from agents.rules.evidence.selection import Track
from agents.rules.geo import distance_m
from agents.rules.parameters import RuleParameters
from schemas.codes.reason import ReasonCode
from schemas.verdict import Outcome


class Measurement(NamedTuple):
    """Distances and speeds of one fix for one payment.

    Speeds are averages over the elapsed time, and None without elapsed time. `reach_m` is the largest distance that the
    cardholder could have covered in that time, the clock error included.
    """

    is_before: bool
    distance_m: float
    least_distance_m: float
    elapsed_s: float
    reach_m: float
    reported_speed_mps: float | None

    @property
    def implied_speed_mps(self) -> float | None:
        return self.least_distance_m / self.elapsed_s if self.elapsed_s > 0 else None

    @property
    def allowed_speed_mps(self) -> float | None:
        return self.reach_m / self.elapsed_s if self.elapsed_s > 0 else None


class Finding(NamedTuple):
    """The outcome of the test and its evidence.

    Attributes:
        settled: a fix after the payment's latest possible moment exists, so only late fixes can change the outcome.
        complete_at_ms: no fix from this moment on can change the outcome. None: the phone has not reported again yet.
        present: a fix shows the phone at the location.
        rejected_points: number of points around the payment that the outlier filter removed.
        before: most constraining fix at or before the payment.
        after: most constraining fix after the payment.
        measurement: of the more constraining one of the two.
    """

    outcome: Outcome
    codes: tuple[ReasonCode, ...]
    settled: bool = False
    complete_at_ms: int | None = None
    present: bool = False
    rejected_points: int = 0
    before: TrackPoint | None = None
    after: TrackPoint | None = None
    measurement: Measurement | None = None


def decide(location: PaymentLocation, track: Track, parameters: RuleParameters) -> Finding:
    """Return the finding for a payment from the track of its phone. Total."""
    around = track.evidence(location.at_us / 1000)
    last = track.last(location.at_us) if parameters.last_fix_only else None
    if last is not None:
        finding = _weigh(location, [last], parameters)
    elif around.points:
        finding = _of_points(location, around.points, parameters)
    elif track.dropped_before(location.at_us / 1000):
        finding = Finding(Outcome.NOT_EVALUABLE, (ReasonCode.LATE_PAYMENT,), settled=True)
    else:
        finding = Finding(Outcome.NOT_EVALUABLE, (ReasonCode.STALE_FIX if around.stale else ReasonCode.NO_FIX,))
    return finding._replace(complete_at_ms=around.complete_at_ms)


def _of_points(location: PaymentLocation, points: Sequence[TrackPoint], parameters: RuleParameters) -> Finding:
    honest = without_mock(points)
    trusted = consistent_points(honest, parameters)
    if not trusted:
        return Finding(Outcome.NOT_EVALUABLE, (ReasonCode.PHONE_UNTRUSTED,))
    finding = _weigh(location, trusted, parameters)._replace(rejected_points=len(honest) - len(trusted))
    if finding.outcome is Outcome.SUSPECT and _is_teleporting(location, honest, trusted, parameters):
        return finding._replace(outcome=Outcome.NOT_EVALUABLE, codes=(ReasonCode.PHONE_UNTRUSTED,))
    return finding


def _is_teleporting(
    location: PaymentLocation,
    honest: Sequence[TrackPoint],
    trusted: Sequence[TrackPoint],
    parameters: RuleParameters,
) -> bool:
    """Return whether the phone contradicts itself around the payment with a second track, not with single outliers."""
    within_us = parameters.contradiction_within_s * 1_000_000
    near = [point for point in honest if abs(point.at_ms * 1000 - location.at_us) <= within_us]
    held = set(trusted)
    other = consistent_points([point for point in near if point not in held], parameters)
    main = len(near) - sum(point not in held for point in near)
    return len(other) >= parameters.second_track_points and len(other) >= parameters.second_track_share * main


def _weigh(location: PaymentLocation, points: Sequence[TrackPoint], parameters: RuleParameters) -> Finding:
    """Return the finding from trusted points, at least one, in order of time."""
    split = bisect_right(points, location.at_us // 1000, key=at_ms)
    before, after = points[:split][::-1], points[split:]
    limits_before: list[Constraint] = []
    limits_after: list[Constraint] = []
    if not reachable_at_stated_time(chain(before, after), location, parameters):
        limits_before = list(constraints(before, location, parameters))
        limits_after = list(constraints(after, location, parameters))
    codes = _unreachable(limits_before, limits_after, location, parameters)
    if codes:  # a suspicion rests on the fix that contradicts most, any other finding on the fix nearest in time
        outcome = Outcome.SUSPECT
        missing_s = {one.at_us: missing_time_s(one, location, parameters) for one in chain(limits_before, limits_after)}
        before = _most_constraining(before, missing_s, location)
        after = _most_constraining(after, missing_s, location)
        (decisive,) = _most_constraining([*before, *after], missing_s, location)
    else:
        codes = (_why_not_suspect(before, after, parameters),)
        outcome = Outcome.CLEAR if ReasonCode.REACHABLE in codes else Outcome.NOT_EVALUABLE
        decisive = min([*before[:1], *after[:1]], key=lambda point: _elapsed_s(point, location))
    return Finding(
        outcome,
        codes,
        settled=points[-1].at_ms / 1000 > location.at_us / 1e6 + parameters.clock_uncertainty_s,
        present=_is_present(points, location, parameters),
        before=before[0] if before else None,
        after=after[0] if after else None,
        measurement=_measure(decisive, location, parameters),
    )


def _unreachable(
    limits_before: Sequence[Constraint],
    limits_after: Sequence[Constraint],
    location: PaymentLocation,
    parameters: RuleParameters,
) -> tuple[ReasonCode, ...]:
    """Return the codes of the sides that rule out the location alone.

    Both codes if only the two sides together do; none if they do not.
    """
    both = [*limits_before, *limits_after]
    if not both or not impossible(both, location, parameters):
        return ()
    alone = (
        (ReasonCode.UNREACHABLE_BEFORE, impossible(limits_before, location, parameters)),
        (ReasonCode.UNREACHABLE_AFTER, impossible(limits_after, location, parameters)),
    )
    return tuple(code for code, ruled_out in alone if ruled_out) or tuple(code for code, _ in alone)


def _elapsed_s(point: TrackPoint, location: PaymentLocation) -> float:
    """Return the time between the point and the stated time of the payment."""
    return abs(point.at_ms * 1000 - location.at_us) / 1e6


def _why_not_suspect(
    before: Sequence[TrackPoint], after: Sequence[TrackPoint], parameters: RuleParameters
) -> ReasonCode:
    vague = all(accuracy_m(point, parameters) >= parameters.vague_from_m for point in chain(before, after))
    return ReasonCode.LOW_ACCURACY if vague else ReasonCode.REACHABLE


def _is_present(points: Sequence[TrackPoint], location: PaymentLocation, parameters: RuleParameters) -> bool:
    """Return whether a fix shows the phone at the location at a possible moment of the payment."""
    clock_us = parameters.clock_uncertainty_s * 1e6
    first = bisect_left(points, (location.at_us - clock_us) / 1000, key=at_ms)
    last = bisect_right(points, (location.at_us + clock_us) / 1000, key=at_ms)
    return any(
        _least_distance_m(point, location, parameters) == 0.0
        for point in points[first:last]
        if accuracy_m(point, parameters) <= parameters.place_uncertainty_m
    )


def _most_constraining(
    points: Sequence[TrackPoint], missing_s: Mapping[int, float], location: PaymentLocation
) -> list[TrackPoint]:
    """Return the one point, if any, whose travel time exceeds the elapsed time most.

    `missing_s`: missing time by epoch microseconds, for points with a constraint. For the others the distance is zero.
    """
    most = max(points, key=lambda point: missing_s.get(point.at_ms * 1000, -_elapsed_s(point, location)), default=None)
    return [] if most is None else [most]


def _distance_m(point: TrackPoint, location: PaymentLocation) -> float:
    return distance_m(point.latitude, point.longitude, location.latitude, location.longitude)


def _least_distance_m(point: TrackPoint, location: PaymentLocation, parameters: RuleParameters) -> float:
    place_m = place_uncertainty_m(location, parameters)
    return minimum_distance_m(_distance_m(point, location), accuracy_m(point, parameters), place_m, parameters)


def _measure(point: TrackPoint, location: PaymentLocation, parameters: RuleParameters) -> Measurement:
    elapsed_s = _elapsed_s(point, location)
    start_mps = start_speed_mps(point, parameters)
    return Measurement(
        is_before=point.at_ms * 1000 <= location.at_us,
        distance_m=_distance_m(point, location),
        least_distance_m=_least_distance_m(point, location, parameters),
        elapsed_s=elapsed_s,
        reach_m=reach_m(start_mps, elapsed_s + parameters.clock_uncertainty_s, parameters),
        reported_speed_mps=point.speed_mps,
    )
