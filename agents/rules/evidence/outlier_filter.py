"""Outlier filter: the longest run of points that agree with each other.

A receiver is sometimes wrong by kilometres while it claims metres. Such a point cannot be reached from its neighbours,
or only by a detour that nobody travels. The filter removes it.
"""

from collections.abc import Sequence
from math import hypot

from agents.rules.decision.kinematics import reach_m, start_speed_mps
from agents.rules.evidence.point_codec import TrackPoint
from agents.rules.geo import distance_m
from agents.rules.parameters import RuleParameters


def consistent_points(points: Sequence[TrackPoint], parameters: RuleParameters) -> list[TrackPoint]:
    """Return the points that agree with each other, in order of time.

    `points` must be in order of time, without mock points. The result is a function of the set.
    """
    if len(points) < 2 or _obviously_consistent(points, parameters):
        return list(points)
    return _without_detours(_longest_run(points, parameters), parameters)


def _obviously_consistent(points: Sequence[TrackPoint], parameters: RuleParameters) -> bool:
    """Return whether any two neighbours are no more than a drive apart. True for nearly every track, and cheap."""
    detour_e7_per_ms = parameters.detour_e7_per_ms
    before_ms, before_latitude, before_longitude = points[0][:3]
    for point in points:
        at_ms, latitude, longitude = point[0], point[1], point[2]  # access by name takes twice as long
        apart_e7 = abs(latitude - before_latitude) + abs(longitude - before_longitude)
        if apart_e7 > detour_e7_per_ms * (at_ms - before_ms):
            return False
        before_ms, before_latitude, before_longitude = at_ms, latitude, longitude
    return True


def _are_consistent(a: TrackPoint, b: TrackPoint, parameters: RuleParameters) -> bool:
    """Return whether a traveller can have been at both points, forwards from `a` and backwards from `b`."""
    if abs(b[1] - a[1]) + abs(b[2] - a[2]) <= parameters.detour_e7_per_ms * (b[0] - a[0]):
        return True  # as `_obviously_consistent`, inline because this is hot
    elapsed_s = (b.at_ms - a.at_ms) / 1000
    least_m = _apart_m(a, b) - _slack_m(a, b, parameters)
    return all(least_m <= reach_m(start_speed_mps(point, parameters), elapsed_s, parameters) for point in (a, b))


def _longest_run(points: Sequence[TrackPoint], parameters: RuleParameters) -> list[TrackPoint]:
    """Return the longest run in which each point agrees with the next. Of two equal runs, the one that ends later."""
    lengths: list[int] = []
    before: list[int | None] = []
    longest = 0
    for index, point in enumerate(points):
        length, previous = 1, None
        for earlier in range(index - 1, max(-1, index - 1 - parameters.outliers_in_a_row_max), -1):
            if lengths[earlier] >= length and _are_consistent(points[earlier], point, parameters):
                length, previous = lengths[earlier] + 1, earlier
                if length > longest:
                    break  # nearly always: no run before it is longer
        longest = max(longest, length)
        lengths.append(length)
        before.append(previous)
    at: int | None = max(range(len(points)), key=lambda index: (lengths[index], index))
    run = []
    while at is not None:
        run.append(points[at])
        at = before[at]
    return run[::-1]


def _without_detours(points: Sequence[TrackPoint], parameters: RuleParameters) -> list[TrackPoint]:
    """Return the points without those that need a faster detour than the rule allows."""
    kept = list(points[:1])
    for a, b, c in zip(points, points[1:], points[2:], strict=False):
        if _obviously_consistent((a, b, c), parameters):
            kept.append(b)  # the whole distance is shorter than the detour that the rule grants
            continue
        extra_m = _apart_m(a, b) + _apart_m(b, c) - _apart_m(a, c)
        granted_m = _slack_m(a, b, parameters) + _slack_m(b, c, parameters)
        if extra_m - granted_m <= parameters.detour_mps * (c.at_ms - a.at_ms) / 1000:
            kept.append(b)
    return kept + list(points[1:][-1:])


def _apart_m(a: TrackPoint, b: TrackPoint) -> float:
    return distance_m(a.latitude, a.longitude, b.latitude, b.longitude)


def _slack_m(a: TrackPoint, b: TrackPoint, parameters: RuleParameters) -> float:
    return parameters.sigmas * hypot(accuracy_m(a, parameters), accuracy_m(b, parameters))


def accuracy_m(point: TrackPoint, parameters: RuleParameters) -> float:
    """Return one standard deviation of the point, or the assumed one if the phone does not report it."""
    return parameters.unknown_accuracy_m if point.accuracy_m is None else point.accuracy_m
