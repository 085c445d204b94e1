"""Decide: could the holder have been where the card was used? One rule for live payments and for files."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Final, NamedTuple

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
from agents.rules.evidence.downsampling import at_ms, non_mock
from agents.rules.evidence.outlier_filter import accuracy_m, consistent_points
from agents.rules.evidence.point_codec import TrackPoint
from agents.rules.evidence.selection import Track
from agents.rules.geo import distance_m
from agents.rules.parameters import RuleParameters
from schemas.codes.reason import ReasonCode
from schemas.verdict import Outcome

CONTRADICTION_WITHIN_S: Final = 900
SECOND_TRACK_POINTS: Final = 3
SECOND_TRACK_SHARE: Final = 0.2
"""A receiver's errors are single fixes. Three that agree with each other, and are not few beside the rest, are another
phone under the same id, or made up.
"""


class Measurement(NamedTuple):
    """What one fix says of the spot. Speeds are averages over the time between; None where there is no time between.

    `reach_m` is the furthest the holder could have come in that time, the clock's uncertainty included.
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
    """The answer and what it rests on.

    Attributes:
        settled: a fix after the payment's last possible moment was known, so only late ones can change the answer.
        complete_at_ms: from a fix of this moment on nothing can; None: the phone was not heard of yet.
        present: a fix shows the phone at the place.
        rejected_points: how many fixes around it are not believed.
        before: the fix that binds most at or before the payment. `after`: likewise after it.
        measure: of whichever of the two binds more.
    """

    outcome: Outcome
    codes: tuple[ReasonCode, ...]
    settled: bool = False
    complete_at_ms: int | None = None
    present: bool = False
    rejected_points: int = 0
    before: TrackPoint | None = None
    after: TrackPoint | None = None
    measure: Measurement | None = None


def decide(spot: PaymentLocation, track: Track, preset: RuleParameters) -> Finding:
    """The finding for a spot from what is remembered of the phone. Total."""
    around = track.evidence(spot.at_us / 1000)
    last = track.last(spot.at_us) if preset.last_fix_only else None
    if last is not None:
        finding = _weigh(spot, [last], preset)
    elif around.points:
        finding = _of_points(spot, around.points, preset)
    elif track.dropped_before(spot.at_us / 1000):
        finding = Finding(Outcome.NOT_EVALUABLE, (ReasonCode.LATE_PAYMENT,), settled=True)
    else:
        finding = Finding(Outcome.NOT_EVALUABLE, (ReasonCode.STALE_FIX if around.stale else ReasonCode.NO_FIX,))
    return finding._replace(complete_at_ms=around.complete_at_ms)


def _of_points(spot: PaymentLocation, points: Sequence[TrackPoint], preset: RuleParameters) -> Finding:
    honest = non_mock(points)
    trusted = consistent_points(honest, preset)
    if not trusted:
        return Finding(Outcome.NOT_EVALUABLE, (ReasonCode.PHONE_UNTRUSTED,))
    finding = _weigh(spot, trusted, preset)._replace(rejected_points=len(honest) - len(trusted))
    if finding.outcome is Outcome.SUSPECT and _is_teleporting(spot, honest, trusted, preset):
        return finding._replace(outcome=Outcome.NOT_EVALUABLE, codes=(ReasonCode.PHONE_UNTRUSTED,))
    return finding


def _is_teleporting(
    spot: PaymentLocation, honest: Sequence[TrackPoint], trusted: Sequence[TrackPoint], preset: RuleParameters
) -> bool:
    """The phone contradicts itself around the payment, not with single wrong fixes but with a second track."""
    near = [point for point in honest if abs(point.at_ms * 1000 - spot.at_us) <= CONTRADICTION_WITHIN_S * 1_000_000]
    held = set(trusted)
    other = consistent_points([point for point in near if point not in held], preset)
    main = len(near) - sum(point not in held for point in near)
    return len(other) >= SECOND_TRACK_POINTS and len(other) >= SECOND_TRACK_SHARE * main


def _weigh(spot: PaymentLocation, points: Sequence[TrackPoint], preset: RuleParameters) -> Finding:
    """The finding from points (at least one) that are all believed, in order of time."""
    split = bisect_right(points, spot.at_us // 1000, key=at_ms)
    before, after = points[:split][::-1], points[split:]
    claims_before: list[Constraint] = []
    claims_after: list[Constraint] = []
    if not reachable_at_stated_time(chain(before, after), spot, preset):
        claims_before, claims_after = list(constraints(before, spot, preset)), list(constraints(after, spot, preset))
    codes = _unreachable(claims_before, claims_after, spot, preset)
    if codes:  # a suspicion rests on the fix that contradicts most; anything else on the nearest in time
        outcome = Outcome.SUSPECT
        margins_s = {claim.at_us: missing_time_s(claim, spot, preset) for claim in chain(claims_before, claims_after)}
        before, after = _most_constraining(before, margins_s, spot), _most_constraining(after, margins_s, spot)
        (binding,) = _most_constraining([*before, *after], margins_s, spot)
    else:
        codes = (_why_not_suspect(before, after, preset),)
        outcome = Outcome.CLEAR if ReasonCode.REACHABLE in codes else Outcome.NOT_EVALUABLE
        binding = min([*before[:1], *after[:1]], key=lambda point: _elapsed_s(point, spot))
    return Finding(
        outcome,
        codes,
        settled=points[-1].at_ms / 1000 > spot.at_us / 1e6 + preset.clock_uncertainty_s,
        present=_is_present(points, spot, preset),
        before=before[0] if before else None,
        after=after[0] if after else None,
        measure=_measure(binding, spot, preset),
    )


def _unreachable(
    claims_before: Sequence[Constraint],
    claims_after: Sequence[Constraint],
    spot: PaymentLocation,
    preset: RuleParameters,
) -> tuple[ReasonCode, ...]:
    """Which side rules the place out alone; both codes where only the two together do; empty where they do not."""
    both = [*claims_before, *claims_after]
    if not both or not impossible(both, spot, preset):
        return ()
    alone = (
        (ReasonCode.UNREACHABLE_BEFORE, impossible(claims_before, spot, preset)),
        (ReasonCode.UNREACHABLE_AFTER, impossible(claims_after, spot, preset)),
    )
    return tuple(code for code, ruled in alone if ruled) or tuple(code for code, _ in alone)


def _elapsed_s(point: TrackPoint, spot: PaymentLocation) -> float:
    """The time between the point and the payment as its clock has it."""
    return abs(point.at_ms * 1000 - spot.at_us) / 1e6


def _why_not_suspect(before: Sequence[TrackPoint], after: Sequence[TrackPoint], preset: RuleParameters) -> ReasonCode:
    vague = all(accuracy_m(point, preset) >= preset.vague_from_m for point in chain(before, after))
    return ReasonCode.LOW_ACCURACY if vague else ReasonCode.REACHABLE


def _is_present(points: Sequence[TrackPoint], spot: PaymentLocation, preset: RuleParameters) -> bool:
    """A fix shows the phone at the place at a moment at which the payment may have happened."""
    clock_us = preset.clock_uncertainty_s * 1e6
    first = bisect_left(points, (spot.at_us - clock_us) / 1000, key=at_ms)
    last = bisect_right(points, (spot.at_us + clock_us) / 1000, key=at_ms)
    return any(
        _least_distance_m(point, spot, preset) == 0.0
        for point in points[first:last]
        if accuracy_m(point, preset) <= preset.place_uncertainty_m
    )


def _most_constraining(
    points: Sequence[TrackPoint], margins_s: Mapping[int, float], spot: PaymentLocation
) -> list[TrackPoint]:
    """The one point, if any, whose way to the place most exceeds the time there was.

    `margins_s`: by how much, by microsecond, for those that claim anything. To any other there is no way to go.
    """
    binding = max(points, key=lambda point: margins_s.get(point.at_ms * 1000, -_elapsed_s(point, spot)), default=None)
    return [] if binding is None else [binding]


def _distance_m(point: TrackPoint, spot: PaymentLocation) -> float:
    return distance_m(point.latitude, point.longitude, spot.latitude, spot.longitude)


def _least_distance_m(point: TrackPoint, spot: PaymentLocation, preset: RuleParameters) -> float:
    place_m = place_uncertainty_m(spot, preset)
    return minimum_distance_m(_distance_m(point, spot), accuracy_m(point, preset), place_m, preset)


def _measure(point: TrackPoint, spot: PaymentLocation, preset: RuleParameters) -> Measurement:
    elapsed_s = _elapsed_s(point, spot)
    start_mps = start_speed_mps(point, preset)
    return Measurement(
        is_before=point.at_ms * 1000 <= spot.at_us,
        distance_m=_distance_m(point, spot),
        least_distance_m=_least_distance_m(point, spot, preset),
        elapsed_s=elapsed_s,
        reach_m=reach_m(start_mps, elapsed_s + preset.clock_uncertainty_s, preset),
        reported_speed_mps=point.speed_mps,
    )
