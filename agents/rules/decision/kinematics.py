"""Reach: how far a traveller comes in a time, and how long a way takes.

A traveller starts at the speed the phone reported plus a margin, gains speed at a fixed rate up to the top speed,
and keeps it. The longer the time, the less the first speed says.
"""

from math import sqrt

from agents.rules.evidence.point_codec import TrackPoint
from agents.rules.parameters import RuleParameters


def start_speed_mps(point: TrackPoint, preset: RuleParameters) -> float:
    """What speed is granted at a fix. Speed is measured with satellites: a vague fix says zero without knowing it."""
    reported, accuracy_m = point.speed_mps, point.accuracy_m
    if reported is None:
        reported = preset.unknown_speed_mps
    elif accuracy_m is not None and accuracy_m >= preset.speed_unmeasured_from_m:
        reported = max(reported, preset.unknown_speed_mps)
    return min(reported + preset.speed_margin_mps, preset.top_speed_mps)


def reach_m(start_mps: float, elapsed_s: float, preset: RuleParameters) -> float:
    """The furthest place after `elapsed_s` (>= 0). Total, and monotonic in both arguments."""
    if preset.gain_mps2 == 0:
        return start_mps * elapsed_s
    gaining_s = min(elapsed_s, max(0.0, preset.top_speed_mps - start_mps) / preset.gain_mps2)
    gained_m = start_mps * gaining_s + preset.gain_mps2 * gaining_s**2 / 2
    return gained_m + preset.top_speed_mps * (elapsed_s - gaining_s)


def time_to_cover_s(distance_m: float, start_mps: float, preset: RuleParameters) -> float:
    """How long `distance_m` (>= 0) takes at least: the inverse of `reach_m`. `start_mps` must be above zero."""
    if preset.gain_mps2 == 0:
        return distance_m / start_mps
    gaining_s = max(0.0, preset.top_speed_mps - start_mps) / preset.gain_mps2
    gained_m = reach_m(start_mps, gaining_s, preset)
    if distance_m >= gained_m:
        return gaining_s + (distance_m - gained_m) / preset.top_speed_mps
    # the positive root of start*t + gain*t^2/2 = distance, in the form that does not cancel
    return 2 * distance_m / (start_mps + sqrt(start_mps**2 + 2 * preset.gain_mps2 * distance_m))
