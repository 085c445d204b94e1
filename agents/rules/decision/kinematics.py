"""Kinematics: the distance that a traveller covers in a time, and the time that a distance takes.

A traveller starts at the reported speed plus a margin, accelerates at a fixed rate up to the top speed and keeps it.
The longer the time, the less the reported speed matters.
"""

from math import sqrt

from agents.rules.evidence.point_codec import TrackPoint
from agents.rules.parameters import RuleParameters


def start_speed_mps(point: TrackPoint, parameters: RuleParameters) -> float:
    """Return the start speed that the rule grants at a fix.

    Receivers measure speed with satellites, so a vague fix reports zero without a measurement.
    """
    reported, accuracy_m = point.speed_mps, point.accuracy_m
    if reported is None:
        reported = parameters.unknown_speed_mps
    elif accuracy_m is not None and accuracy_m >= parameters.speed_unmeasured_from_m:
        reported = max(reported, parameters.unknown_speed_mps)
    return min(reported + parameters.speed_margin_mps, parameters.top_speed_mps)


def reach_m(start_mps: float, elapsed_s: float, parameters: RuleParameters) -> float:
    """Return the largest distance after `elapsed_s` (>= 0). Total, and monotonic in both arguments."""
    if parameters.gain_mps2 == 0:
        return start_mps * elapsed_s
    gaining_s = min(elapsed_s, max(0.0, parameters.top_speed_mps - start_mps) / parameters.gain_mps2)
    gained_m = start_mps * gaining_s + parameters.gain_mps2 * gaining_s**2 / 2
    return gained_m + parameters.top_speed_mps * (elapsed_s - gaining_s)


def time_to_cover_s(distance_m: float, start_mps: float, parameters: RuleParameters) -> float:
    """Return the shortest time for `distance_m` (>= 0): the inverse of `reach_m`. `start_mps` must be above zero."""
    if parameters.gain_mps2 == 0:
        return distance_m / start_mps
    gaining_s = max(0.0, parameters.top_speed_mps - start_mps) / parameters.gain_mps2
    gained_m = reach_m(start_mps, gaining_s, parameters)
    if distance_m >= gained_m:
        return gaining_s + (distance_m - gained_m) / parameters.top_speed_mps
    # the positive root of start*t + gain*t^2/2 = distance, in the form without cancellation
    return 2 * distance_m / (start_mps + sqrt(start_mps**2 + 2 * parameters.gain_mps2 * distance_m))
