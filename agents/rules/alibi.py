"""Alibi: when can the holder not have been at a place?

A fix rules a place out for as long before and after it as the way there takes. A payment is impossible when every
moment at which it can have happened (its time, give or take the clock's uncertainty) is ruled out by some fix. Two
fixes on either side together are the space-time prism of the moving-objects literature; with many fixes, as a phone
sends them, the union of what each rules out is the prism over the whole track.
"""

from collections.abc import Iterable
from math import hypot
from typing import NamedTuple

from agents.rules.belief import accuracy_m
from agents.rules.geo import degrees_within, distance_m
from agents.rules.preset import Preset
from agents.rules.reach import start_speed_mps, time_to_cover_s
from agents.rules.track import PER_DEGREE, TrackPoint


class Scene(NamedTuple):
    """Where a payment was made and when, in epoch microseconds, give or take the uncertainty of its clock."""

    latitude: float
    longitude: float
    uncertainty_m: float
    at_us: int
    clock_us: int

    @property
    def first_us(self) -> int:
        return self.at_us - self.clock_us

    @property
    def last_us(self) -> int:
        return self.at_us + self.clock_us

    def elapsed_s(self, point: TrackPoint) -> float:
        """The time between the point and the payment as its clock has it."""
        return abs(point.at_ms * 1000 - self.at_us) / 1e6


class Span(NamedTuple):
    """The moments strictly between two: epoch microseconds."""

    after_us: float
    before_us: float


def slack_m(point: TrackPoint, scene: Scene, preset: Preset) -> float:
    """By how much the true distance between the phone and the place may be less than the measured one."""
    return preset.sigmas * hypot(accuracy_m(point, preset), scene.uncertainty_m)


def least_distance_m(point: TrackPoint, scene: Scene, preset: Preset) -> float:
    """The least that can have been between the phone and the place, at the granted error."""
    apart_m = distance_m(point.latitude, point.longitude, scene.latitude, scene.longitude)
    return max(0.0, apart_m - slack_m(point, scene, preset))


def ruled_out(points: Iterable[TrackPoint], scene: Scene, preset: Preset) -> list[Span]:
    """The spans within the scene's time for which the points rule its place out. Points nearest in time first.

    Stops at the first point that alone rules out all of it.
    """
    spans = []
    first_us, last_us = scene.first_us, scene.last_us
    latitude_e7, longitude_e7 = scene.latitude * PER_DEGREE, scene.longitude * PER_DEGREE
    # no fix is exact, so its slack is at least that of the place alone
    near_e7 = degrees_within(preset.sigmas * scene.uncertainty_m) * PER_DEGREE
    for point in points:
        if abs(point.latitude_e7 - latitude_e7) + abs(point.longitude_e7 - longitude_e7) <= near_e7:
            continue  # so near that it rules nothing out
        slack = slack_m(point, scene, preset)
        apart_m = distance_m(point.latitude, point.longitude, scene.latitude, scene.longitude)
        if apart_m <= slack:
            continue
        way_us = 1e6 * time_to_cover_s(apart_m - slack, start_speed_mps(point, preset), preset)
        span = Span(point.at_ms * 1000 - way_us, point.at_ms * 1000 + way_us)
        if span.after_us < first_us and span.before_us > last_us:
            return [span]
        if span.after_us < last_us and span.before_us > first_us:
            spans.append(span)
    return spans


def covers(spans: Iterable[Span], scene: Scene) -> bool:
    """True when no moment of the scene is left outside the spans. A moment between two that only touch is left."""
    open_us: float = scene.first_us  # the earliest moment not yet ruled out
    for span in sorted(spans):
        if span.after_us >= open_us:
            return False
        open_us = max(open_us, span.before_us)
        if open_us > scene.last_us:
            return True
    return False
