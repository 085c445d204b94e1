"""Alibi: when can the holder not have been at a place?

A fix rules a place out for as long before and after it as the way there takes. A payment is impossible when every
moment at which it can have happened (its time, give or take the clock's uncertainty) is ruled out by some fix. Two
fixes on either side together are the space-time prism of the moving-objects literature; with many fixes, as a phone
sends them, the union of what each rules out is the prism over the whole track.

Errors of the position, of the place and of the clock, and the haste of a traveller, have nothing to do with each other.
Each is granted in full, but not all of them at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import hypot, sqrt
from typing import Final, NamedTuple

from agents.rules.decision.kinematics import reach_m, start_speed_mps, time_to_cover_s
from agents.rules.decision.payment_location import PaymentLocation
from agents.rules.evidence.outlier_filter import accuracy_m
from agents.rules.evidence.point_codec import PER_DEGREE, TrackPoint
from agents.rules.geo import degrees_within, distance_m
from agents.rules.parameters import RuleParameters

CLOCK_OFFSETS: Final = (0.0, 0.3, 0.5, 0.65, 0.8, 0.9, 1.0)
"""The clock's uncertainty in rings around the stated moment, as shares of it."""

PLACE_ERROR_AT: Final = tuple(sqrt(1 - inner**4) for inner in CLOCK_OFFSETS[:-1])
"""How much of the place's error is granted in each ring, by its inner edge: nearly all of it while the clock is off by
no more than tills are, none when it is off by all that is granted to it.
"""


class Constraint(NamedTuple):
    """What one fix says of a place: how far away, how exactly, with what speed to start from."""

    at_us: int
    apart_m: float
    accuracy_m: float
    start_mps: float


class Interval(NamedTuple):
    """The moments strictly between two: epoch microseconds."""

    after_us: float
    before_us: float


def place_uncertainty_m(spot: PaymentLocation, preset: RuleParameters) -> float:
    """One sigma of the place; the assumed one where the payment does not say."""
    return preset.place_uncertainty_m if spot.uncertainty_m is None else spot.uncertainty_m


def minimum_distance_m(apart_m: float, accuracy_m: float, place_m: float, preset: RuleParameters) -> float:
    """The least way that makes up, together with the errors of a fix and of a place, for the distance measured.

    Given one sigma of each. Either the errors are up to all that is granted, and the way adds to them as squares do, or
    they are one sigma at most, and the way leads straight on from them. What grants more counts.
    """
    error_m = hypot(accuracy_m, place_m)
    if apart_m <= preset.sigmas * error_m:
        return 0.0
    return min(sqrt(apart_m**2 - (preset.sigmas * error_m) ** 2), apart_m - min(1.0, preset.sigmas) * error_m)


def constraints(points: Iterable[TrackPoint], spot: PaymentLocation, preset: RuleParameters) -> Iterator[Constraint]:
    """Of each point that is not so near that it rules nothing out whatever is granted."""
    latitude_e7, longitude_e7 = spot.latitude * PER_DEGREE, spot.longitude * PER_DEGREE
    # no fix is exact, and in the outermost ring so much is still granted for the place alone
    near_e7 = degrees_within(PLACE_ERROR_AT[-1] * preset.sigmas * place_uncertainty_m(spot, preset)) * PER_DEGREE
    for point in points:
        # by name takes twice as long, and this is hot
        if abs(point[1] - latitude_e7) + abs(point[2] - longitude_e7) > near_e7:
            apart_m = distance_m(point.latitude, point.longitude, spot.latitude, spot.longitude)
            yield Constraint(point.at_ms * 1000, apart_m, accuracy_m(point, preset), start_speed_mps(point, preset))


def missing_time_s(claim: Constraint, spot: PaymentLocation, preset: RuleParameters) -> float:
    """By how much the way to the place takes longer than there was time; negative: it does not."""
    way_m = minimum_distance_m(claim.apart_m, claim.accuracy_m, place_uncertainty_m(spot, preset), preset)
    return time_to_cover_s(way_m, claim.start_mps, preset) - abs(claim.at_us - spot.at_us) / 1e6


def reachable_at_stated_time(points: Iterable[TrackPoint], spot: PaymentLocation, preset: RuleParameters) -> bool:
    """True for nearly every honest payment: no point rules out the very moment that it states. Cheap.

    Then that moment is left open by all of them together, too, and the payment is not `impossible`.
    """
    return all(
        missing_time_s(claim, spot, preset) <= 0
        for claim in constraints(not_obviously_reachable(points, spot, preset), spot, preset)
    )


def not_obviously_reachable(
    points: Iterable[TrackPoint], spot: PaymentLocation, preset: RuleParameters
) -> Iterator[TrackPoint]:
    """Without those that leave the stated moment open at a glance.

    They are so near that the place's error explains it, or so long before or after that even somebody who was slow then
    covers the way.
    """
    at_ms, latitude_e7, longitude_e7 = spot.at_us / 1000, spot.latitude * PER_DEGREE, spot.longitude * PER_DEGREE
    place_m = place_uncertainty_m(spot, preset)
    near_e7 = PER_DEGREE * degrees_within(preset.sigmas * place_m)
    explained_m = min(1.0, preset.sigmas) * place_m
    slow_mps = min(preset.speed_margin_mps, preset.top_speed_mps)
    for point in points:
        # by name takes twice as long, and this is hot
        apart_e7 = abs(point[1] - latitude_e7) + abs(point[2] - longitude_e7)
        if apart_e7 > near_e7:
            furthest_m = explained_m + reach_m(slow_mps, abs(point[0] - at_ms) / 1000, preset)
            if apart_e7 > PER_DEGREE * degrees_within(furthest_m):
                yield point


def impossible(claimed: Sequence[Constraint], spot: PaymentLocation, preset: RuleParameters) -> bool:
    """The claims, best those nearest in time first, rule out every moment at which the payment can have happened."""
    clock_us, place_m = preset.clock_uncertainty_s * 1e6, place_uncertainty_m(spot, preset)
    for (inner, outer), granted in zip(pairwise(CLOCK_OFFSETS), PLACE_ERROR_AT, strict=True):
        for first, last in ((-outer, -inner), (inner, outer)):
            window = Interval(spot.at_us + first * clock_us, spot.at_us + last * clock_us)
            if not _covered(claimed, window, granted * place_m, preset):
                return False
    return True


def _covered(claimed: Iterable[Constraint], window: Interval, place_m: float, preset: RuleParameters) -> bool:
    spans = []
    for claim in claimed:
        way_m = minimum_distance_m(claim.apart_m, claim.accuracy_m, place_m, preset)
        way_us = 1e6 * time_to_cover_s(way_m, claim.start_mps, preset)
        span = Interval(claim.at_us - way_us, claim.at_us + way_us)
        if span.after_us < window.after_us and span.before_us > window.before_us:
            return True
        if span.after_us < window.before_us and span.before_us > window.after_us:
            spans.append(span)
    return covers(spans, window)


def covers(spans: Iterable[Interval], window: Interval) -> bool:
    """True when no moment of the window, ends included, is left outside the spans, as one where two only touch."""
    open_us = window.after_us  # the earliest moment not yet ruled out
    for span in sorted(spans):
        if span.after_us >= open_us:
            return False
        open_us = max(open_us, span.before_us)
        if open_us > window.before_us:
            return True
    return False
