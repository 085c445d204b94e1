"""A drive: where a phone is, second by second, and what its receiver makes of it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, pi, radians, sin
from typing import Final

M_PER_DEG: Final = 111_195.0  # on the sphere that distances are measured on
ACCURACY_M: Final = (3.8, 12.0)  # what the receivers of the real tracks claim outdoors


@dataclass(frozen=True, slots=True)
class Sample:
    """What a phone's receiver says at one second of a track."""

    second: int
    latitude: float
    longitude: float
    altitude_m: float
    speed_mps: float
    bearing_deg: float
    accuracy_m: float


def moved(latitude: float, longitude: float, distance_m: float, bearing_deg: float) -> tuple[float, float]:
    """The place so far away in that direction. Good for distances up to some hundred kilometres away from the poles."""
    north_m, east_m = distance_m * cos(radians(bearing_deg)), distance_m * sin(radians(bearing_deg))
    there = latitude + north_m / M_PER_DEG
    return there, longitude + east_m / (M_PER_DEG * cos(radians((latitude + there) / 2)))


def drive(latitude: float, longitude: float, chance: random.Random) -> Iterator[Sample]:
    """An endless trip from a place: stretches of rest, walking and driving, with a receiver's errors on top.

    Errors wander slowly, as real ones do, rather than jump from second to second.
    """
    speed_mps, bearing_deg, second = 0.0, chance.uniform(0, 360), 0
    error_north_m, error_east_m = 0.0, 0.0
    while True:
        wanted_mps = chance.choice((0.0, 0.0, 1.4, 8.0, 14.0, 25.0))
        for _ in range(chance.randint(10, 40)):
            speed_mps += max(-3.0, min(2.0, wanted_mps - speed_mps)) * chance.uniform(0.5, 1.0)
            bearing_deg = (bearing_deg + chance.gauss(0, 6 if speed_mps > 3 else 15)) % 360
            latitude, longitude = moved(latitude, longitude, speed_mps, bearing_deg)
            accuracy_m = chance.uniform(*ACCURACY_M)
            error_north_m = 0.9 * error_north_m + chance.gauss(0, 0.15 * accuracy_m)
            error_east_m = 0.9 * error_east_m + chance.gauss(0, 0.15 * accuracy_m)
            seen = moved(*moved(latitude, longitude, error_north_m, 0), error_east_m, 90)
            yield Sample(
                second,
                *seen,
                altitude_m=30 + 5 * sin(2 * pi * second / 600),
                speed_mps=max(0.0, speed_mps + chance.gauss(0, 0.3)),
                bearing_deg=bearing_deg,
                accuracy_m=accuracy_m,
            )
            second += 1
