"""Model of a GNSS receiver: the fixes it reports for a true trajectory."""

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, exp, log, radians, sqrt
from random import Random
from typing import Final, NamedTuple, Protocol

from app.simulate.motion import Trajectory
from app.simulate.place import M_PER_DEG, normalise_longitude
from schemas.push import Fix

SIGMAS_A_SIDE: Final = 1.5
"""A phone's claimed accuracy is the radius that holds 68 % of its errors: 1.5 sigmas of one coordinate."""

UNKNOWN: Final = (None, -1.0)
"""The two ways in which phones report an unknown value."""

UNKNOWN_SHARE: Final = 0.003
NO_SPEED_SHARE: Final = 0.05
"""Share of phones that never report a speed."""


class SimulatedFix(NamedTuple):
    """A fix, its true time, the true sigma of its place, and whether it is as the receiver made it."""

    fix: Fix
    at_ms: int
    sigma_m: float
    sound: bool = True


@dataclass(frozen=True, slots=True)
class ReceiverQuality:
    """A kind of receiver.

    Attributes:
        sigma_m: range of the error outdoors; drawn again every `hold_s`.
        indoors: factor by which the error can grow at rest.
        claim_spread: one sigma of the logarithm of claimed over true accuracy.
        keeps: share of the error that remains after a second; errors wander, they do not jump.
        kick: chance per second of a jump by about one sigma.
        satellites: the receiver measures its speed; otherwise it reports zero or nothing.
        reports_accuracy: the accuracy field is present.
    """

    sigma_m: tuple[float, float]
    hold_s: int
    indoors: float
    claim_spread: float
    keeps: float
    kick: float
    satellites: bool = True
    reports_accuracy: bool = True


# Fitted to recorded tracks: tests/support/tracks.py
STEADY: Final = ReceiverQuality((3.8, 3.8), 3600, 1.0, 0.02, 0.996, 0.004)
WANDERING: Final = ReceiverQuality((3.6, 8.5), 60, 4.0, 0.3, 0.996, 0.004)
POOR: Final = ReceiverQuality((200.0, 900.0), 60, 1.0, 0.0, 0.96, 0.0, satellites=False)
NO_ACCURACY_STEADY: Final = ReceiverQuality((3.8, 3.8), 3600, 1.0, 0.02, 0.996, 0.004, reports_accuracy=False)
NO_ACCURACY_WANDERING: Final = ReceiverQuality((3.6, 8.5), 60, 4.0, 0.3, 0.996, 0.004, reports_accuracy=False)

TIME_JITTER_S: Final = 0.02
"""Sigma of the difference between a fix's position and its timestamp, in seconds."""


class FixModel(Protocol):
    """Source of fixes for a session, asked in order of time."""

    def observe(self, path: Trajectory, second: int, start_ms: int) -> SimulatedFix:
        """Return the fix at a second of a trajectory that began at `start_ms`."""
        ...


class GnssReceiver:
    """The receiver of one phone."""

    def __init__(self, quality: ReceiverQuality, chance: Random) -> None:
        self._quality = quality
        self._chance = chance
        self._mute = chance.random() < NO_SPEED_SHARE
        self._unknown = chance.choice(UNKNOWN)
        self._north, self._east = chance.gauss(0, 1), chance.gauss(0, 1)
        self._indoors = chance.uniform(1.0, quality.indoors)
        self._outdoors_m = self._sigma_m = self._draw_m()
        self._draw_again_s = 0
        self._second = 0

    def observe(self, path: Trajectory, second: int, start_ms: int) -> SimulatedFix:
        """Return the fix with this receiver's error, accuracy and speed."""
        gauss, speed_mps = self._chance.gauss, path.speeds_mps[second]
        self._wander(second, speed_mps)
        latitude, longitude = path.latitudes[second], path.longitudes[second]
        jitter_s = gauss(0, TIME_JITTER_S)
        east = cos(radians(latitude))
        if second:
            latitude += jitter_s * (latitude - path.latitudes[second - 1])
            longitude += jitter_s * (longitude - path.longitudes[second - 1])
        error_deg = self._sigma_m / SIGMAS_A_SIDE / M_PER_DEG
        at_ms = start_ms + 1000 * second
        fix = Fix(
            at_ms,
            round(latitude + self._north * error_deg, 7),
            round(normalise_longitude(longitude + self._east * error_deg / east), 7),
            speed_mps=self._speed_mps(speed_mps),
            horizontal_accuracy_m=self._claim_m(),
        )
        return SimulatedFix(fix, at_ms, self._sigma_m)

    def _wander(self, second: int, speed_mps: float) -> None:
        """Advance the error to a second."""
        quality, gauss = self._quality, self._chance.gauss
        elapsed_s, self._second = second - self._second, second
        keeps = quality.keeps**elapsed_s
        news = sqrt(1 - keeps * keeps)
        if self._chance.random() < quality.kick * elapsed_s:
            news = min(1.0, news + 0.7)
            keeps = sqrt(1 - news * news)
        self._north = keeps * self._north + gauss(0, news)
        self._east = keeps * self._east + gauss(0, news)
        if second >= self._draw_again_s:
            self._draw_again_s = second + quality.hold_s
            self._outdoors_m = self._draw_m()
        wanted_m = self._outdoors_m if speed_mps else self._outdoors_m * self._indoors
        self._sigma_m += (wanted_m - self._sigma_m) * (1 - 0.97**elapsed_s)

    def _draw_m(self) -> float:
        low, high = self._quality.sigma_m
        return exp(self._chance.uniform(log(low), log(high)))

    def _speed_mps(self, true_mps: float) -> float | None:
        chance = self._chance
        if self._mute or chance.random() < UNKNOWN_SHARE:
            return self._unknown
        if not self._quality.satellites:
            return 0.0  # as seen on the third track: network positions of a phone that rides at 25 m/s
        return round(max(0.0, true_mps + chance.gauss(0, 0.1 + 0.003 * true_mps)), 2)

    def _claim_m(self) -> float | None:
        if not self._quality.reports_accuracy:
            return None
        if self._chance.random() < UNKNOWN_SHARE:
            return self._unknown
        return round(self._sigma_m * exp(self._chance.gauss(0, self._quality.claim_spread)), 1)


def random_receiver(*qualities: ReceiverQuality) -> Callable[[Random], FixModel]:
    """Return a factory that draws one of these kinds; repeat a kind to weigh it."""
    return lambda chance: GnssReceiver(chance.choice(qualities), chance)
