"""Belief: which points of a track are evidence, and which contradict the others.

A position receiver is now and then wrong by kilometres while claiming metres. Such a point cannot be reached from its
neighbours, or only by a way out and back that nobody travels. The longest run of points that fit together is believed.
"""

from collections.abc import Sequence
from math import hypot
from typing import Final

from agents.rules.decision.kinematics import reach_m, start_speed_mps
from agents.rules.evidence.point_codec import PER_DEGREE, TrackPoint
from agents.rules.geo import degrees_within, distance_m
from agents.rules.parameters import RuleParameters

DETOUR_MPS: Final = 70.0
"""Nobody goes out and comes back at 250 km/h between two fixes: what is faster than that does not turn round."""

_DETOUR_E7_PER_MS: Final = degrees_within(DETOUR_MPS) * PER_DEGREE / 1000

LOOKBACK: Final = 32
"""How many wrong points in a row are bridged; more than that are another track."""


def consistent_points(points: Sequence[TrackPoint], preset: RuleParameters) -> list[TrackPoint]:
    """The points that fit together, in order. `points` must be in order of time, and none of them mock.

    Independent of how the points came in: a function of the set alone.
    """
    if len(points) < 2 or _plainly_fit(points):
        return list(points)
    return _without_detours(_longest_run(points, preset), preset)


def _plainly_fit(points: Sequence[TrackPoint]) -> bool:
    """True for nearly every track: no more than a drive lies between any two neighbours. Cheap."""
    before_ms, before_latitude, before_longitude = points[0][:3]
    for point in points:
        at_ms, latitude, longitude = point[0], point[1], point[2]  # by name takes twice as long, and this is hot
        apart_e7 = abs(latitude - before_latitude) + abs(longitude - before_longitude)
        if apart_e7 > _DETOUR_E7_PER_MS * (at_ms - before_ms):
            return False
        before_ms, before_latitude, before_longitude = at_ms, latitude, longitude
    return True


def _fit(a: TrackPoint, b: TrackPoint, preset: RuleParameters) -> bool:
    """A traveller can have been at both: forwards from the one and, seen backwards, from the other."""
    if _plainly_fit((a, b)):
        return True
    elapsed_s = (b.at_ms - a.at_ms) / 1000
    least_m = _apart_m(a, b) - _slack_m(a, b, preset)
    return all(least_m <= reach_m(start_speed_mps(point, preset), elapsed_s, preset) for point in (a, b))


def _longest_run(points: Sequence[TrackPoint], preset: RuleParameters) -> list[TrackPoint]:
    """The most points of which each fits the next. Of two equally long runs the one that ends later."""
    lengths: list[int] = []
    before: list[int | None] = []
    longest = 0
    for place, point in enumerate(points):
        length, previous = 1, None
        for earlier in range(place - 1, max(-1, place - 1 - LOOKBACK), -1):
            if lengths[earlier] >= length and _fit(points[earlier], point, preset):
                length, previous = lengths[earlier] + 1, earlier
                if length > longest:
                    break  # as nearly always: no run before it is longer
        longest = max(longest, length)
        lengths.append(length)
        before.append(previous)
    at: int | None = max(range(len(points)), key=lambda place: (lengths[place], place))
    run = []
    while at is not None:
        run.append(points[at])
        at = before[at]
    return run[::-1]


def _without_detours(points: Sequence[TrackPoint], preset: RuleParameters) -> list[TrackPoint]:
    """Leaves out points that make the way longer than anyone goes out and back in the time."""
    kept = list(points[:1])
    for a, b, c in zip(points, points[1:], points[2:], strict=False):
        if _plainly_fit((a, b, c)):
            kept.append(b)  # no way in the time is longer than what is granted for a detour alone
            continue
        extra_m = _apart_m(a, b) + _apart_m(b, c) - _apart_m(a, c)
        granted_m = _slack_m(a, b, preset) + _slack_m(b, c, preset)
        if extra_m - granted_m <= DETOUR_MPS * (c.at_ms - a.at_ms) / 1000:
            kept.append(b)
    return kept + list(points[1:][-1:])


def _apart_m(a: TrackPoint, b: TrackPoint) -> float:
    return distance_m(a.latitude, a.longitude, b.latitude, b.longitude)


def _slack_m(a: TrackPoint, b: TrackPoint, preset: RuleParameters) -> float:
    return preset.sigmas * hypot(accuracy_m(a, preset), accuracy_m(b, preset))


def accuracy_m(point: TrackPoint, preset: RuleParameters) -> float:
    """One sigma of the point; the assumed one where the phone does not say."""
    return preset.unknown_accuracy_m if point.accuracy_m is None else point.accuracy_m
