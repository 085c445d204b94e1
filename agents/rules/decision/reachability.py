"""Reachability: the time intervals in which the cardholder cannot have been at the location of a payment.

A fix rules out a location for as long before and after it as the travel between the two takes. A payment is impossible
if fixes rule out every moment at which it can have happened: its stated time, plus or minus the clock error. Two fixes,
one on either side, form the space-time prism of the literature on moving objects. With the many fixes of a phone, the
union of their intervals is the prism over the whole track.

Errors of the fix, of the location and of the clock are independent, and so is the haste of a traveller. The rule grants
each of them in full, but not all of them at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import hypot, sqrt
from typing import NamedTuple

from agents.rules.decision.kinematics import reach_m, start_speed_mps, time_to_cover_s
from agents.rules.decision.payment_location import PaymentLocation
from agents.rules.evidence.outlier_filter import accuracy_m
from agents.rules.evidence.point_codec import PER_DEGREE, TrackPoint
from agents.rules.geo import degrees_within, distance_m
from agents.rules.parameters import RuleParameters


class Constraint(NamedTuple):
    """Distance, accuracy and start speed of one fix relative to a payment."""

    at_us: int
    distance_m: float
    accuracy_m: float
    start_mps: float


class Interval(NamedTuple):
    """An open time interval: the moments strictly between two, in epoch microseconds."""

    after_us: float
    before_us: float


def place_uncertainty_m(location: PaymentLocation, parameters: RuleParameters) -> float:
    """Return one standard deviation of the location, or the assumed one if the payment does not state it."""
    return parameters.place_uncertainty_m if location.uncertainty_m is None else location.uncertainty_m


def minimum_distance_m(measured_m: float, accuracy_m: float, place_m: float, parameters: RuleParameters) -> float:
    """Return the distance that remains after the errors of a fix and of a location are granted.

    `accuracy_m` and `place_m` are standard deviations. There are two lower bounds. The first grants an error of up to
    `sigmas` standard deviations, combined with the distance in quadrature. The second grants up to `linear_sigmas`
    standard deviations, subtracted from the distance. The smaller bound counts, which favours the cardholder.
    """
    error_m = hypot(accuracy_m, place_m)
    granted_m = parameters.sigmas * error_m
    if measured_m <= granted_m:
        return 0.0
    return min(sqrt(measured_m**2 - granted_m**2), measured_m - parameters.linear_sigmas * error_m)


def constraints(
    points: Iterable[TrackPoint], location: PaymentLocation, parameters: RuleParameters
) -> Iterator[Constraint]:
    """Yield one constraint per fix that is far enough away to exclude the payment.

    The rule skips fixes that cannot exclude anything, whichever errors are granted.
    """
    latitude_e7, longitude_e7 = location.latitude * PER_DEGREE, location.longitude * PER_DEGREE
    # no fix is exact, and even at the largest clock offsets this much is granted for the location alone
    granted_m = parameters.place_error_shares[-1] * parameters.sigmas * place_uncertainty_m(location, parameters)
    near_e7 = degrees_within(granted_m) * PER_DEGREE
    for point in points:
        # access by name takes twice as long, and this loop is hot
        if abs(point[1] - latitude_e7) + abs(point[2] - longitude_e7) > near_e7:
            measured_m = distance_m(point.latitude, point.longitude, location.latitude, location.longitude)
            yield Constraint(
                point.at_ms * 1000, measured_m, accuracy_m(point, parameters), start_speed_mps(point, parameters)
            )


def missing_time_s(constraint: Constraint, location: PaymentLocation, parameters: RuleParameters) -> float:
    """Return travel time minus elapsed time. A positive value contradicts the payment's stated time."""
    place_m = place_uncertainty_m(location, parameters)
    travel_m = minimum_distance_m(constraint.distance_m, constraint.accuracy_m, place_m, parameters)
    return time_to_cover_s(travel_m, constraint.start_mps, parameters) - abs(constraint.at_us - location.at_us) / 1e6


def reachable_at_stated_time(
    points: Iterable[TrackPoint], location: PaymentLocation, parameters: RuleParameters
) -> bool:
    """Return whether no single fix contradicts the stated time. True for nearly every honest payment, and cheap.

    If true, all fixes together allow that time as well, so the payment is not `impossible`.
    """
    return all(
        missing_time_s(constraint, location, parameters) <= 0
        for constraint in constraints(not_obviously_reachable(points, location, parameters), location, parameters)
    )


def not_obviously_reachable(
    points: Iterable[TrackPoint], location: PaymentLocation, parameters: RuleParameters
) -> Iterator[TrackPoint]:
    """Yield the fixes that a cheap test cannot show to allow the stated time.

    It skips fixes so near that the error of the location explains the distance. It also skips fixes that long before or
    after the payment that even a slow traveller covers the distance.
    """
    at_ms = location.at_us / 1000
    latitude_e7, longitude_e7 = location.latitude * PER_DEGREE, location.longitude * PER_DEGREE
    place_m = place_uncertainty_m(location, parameters)
    near_e7 = PER_DEGREE * degrees_within(parameters.sigmas * place_m)
    explained_m = parameters.linear_sigmas * place_m
    slow_mps = min(parameters.speed_margin_mps, parameters.top_speed_mps)
    for point in points:
        # access by name takes twice as long, and this loop is hot
        apart_e7 = abs(point[1] - latitude_e7) + abs(point[2] - longitude_e7)
        if apart_e7 > near_e7:
            furthest_m = explained_m + reach_m(slow_mps, abs(point[0] - at_ms) / 1000, parameters)
            if apart_e7 > PER_DEGREE * degrees_within(furthest_m):
                yield point


def impossible(among: Sequence[Constraint], location: PaymentLocation, parameters: RuleParameters) -> bool:
    """Return whether constraints rule out every moment at which the payment can have happened.

    The test ends sooner if the constraints nearest in time come first.
    """
    clock_us, place_m = parameters.clock_uncertainty_s * 1e6, place_uncertainty_m(location, parameters)
    for (inner, outer), granted in zip(pairwise(parameters.clock_offsets), parameters.place_error_shares, strict=True):
        for first, last in ((-outer, -inner), (inner, outer)):
            window = Interval(location.at_us + first * clock_us, location.at_us + last * clock_us)
            if not _covered(among, window, granted * place_m, parameters):
                return False
    return True


def _covered(among: Iterable[Constraint], window: Interval, place_m: float, parameters: RuleParameters) -> bool:
    intervals = []
    for constraint in among:
        travel_m = minimum_distance_m(constraint.distance_m, constraint.accuracy_m, place_m, parameters)
        travel_us = 1e6 * time_to_cover_s(travel_m, constraint.start_mps, parameters)
        interval = Interval(constraint.at_us - travel_us, constraint.at_us + travel_us)
        if interval.after_us < window.after_us and interval.before_us > window.before_us:
            return True
        if interval.after_us < window.before_us and interval.before_us > window.after_us:
            intervals.append(interval)
    return covers(intervals, window)


def covers(intervals: Iterable[Interval], window: Interval) -> bool:
    """Return whether the intervals contain every moment of the window, both ends included.

    Intervals are open: two that only touch leave out the moment between them.
    """
    open_us = window.after_us  # the earliest moment that is not ruled out yet
    for interval in sorted(intervals):
        if interval.after_us >= open_us:
            return False
        open_us = max(open_us, interval.before_us)
        if open_us > window.before_us:
            return True
    return False
