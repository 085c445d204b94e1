"""Motion of a person: true place and speed, second by second."""

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, pi, radians, sin
from random import Random
from typing import Final

from app.simulate.place import M_PER_DEG, Place, normalise_longitude


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A way to move: every `hold_s` the driver wants another speed and another curve.

    Attributes:
        eagerness_hz: acceleration per missing speed, limited by `gain_mps2` and `brake_mps2`.
        sideways_mps2: one sigma of the acceleration in curves.
        unrest_mps2: one sigma of the noise of the accelerator pedal.
    """

    speeds_mps: tuple[float, ...]
    hold_s: tuple[int, int]
    gain_mps2: float
    brake_mps2: float
    eagerness_hz: float
    sideways_mps2: float
    unrest_mps2: float


WALKING: Final = Vehicle((0.0, 1.0, 1.3, 1.5, 1.8), (10, 60), 0.8, 1.0, 0.5, 0.05, 0.1)
CAR_IN_TOWN: Final = Vehicle((0.0, 5.0, 8.0, 9.0, 11.0, 14.0), (8, 45), 3.0, 3.0, 0.18, 0.4, 0.2)
CAR_ON_ROAD: Final = Vehicle((14.0, 23.0, 30.0, 33.0, 34.0, 36.0), (40, 240), 3.0, 3.0, 0.1, 0.3, 0.1)
TRAIN: Final = Vehicle((25.0, 45.0, 60.0, 70.0, 80.0), (120, 400), 0.6, 0.8, 0.05, 0.2, 0.03)
PLANE: Final = Vehicle((230.0, 240.0, 250.0), (600, 1800), 1.5, 0.8, 0.02, 0.1, 0.02)


class Trajectory:
    """The motion until now, one entry per second. Longitudes continue beyond 180 degrees."""

    def __init__(self, place: Place) -> None:
        self.latitudes = [place.latitude]
        self.longitudes = [place.longitude]
        self.speeds_mps = [0.0]

    def __len__(self) -> int:
        return len(self.latitudes)

    def at(self, second: float) -> Place:
        """Return the place at a moment between the first and the last second."""
        whole = min(int(second), len(self) - 2)
        rest, latitudes, longitudes = second - whole, self.latitudes, self.longitudes
        return Place(
            latitudes[whole] + rest * (latitudes[whole + 1] - latitudes[whole]),
            normalise_longitude(longitudes[whole] + rest * (longitudes[whole + 1] - longitudes[whole])),
        )


POLAR_DEG: Final = 80.0
"""A person turns back at this latitude: beyond a pole there is none."""


class Motion:
    """Motion of one person. Each method continues where the last one ended, standing still at both ends."""

    def __init__(self, place: Place, chance: Random) -> None:
        self.path = Trajectory(place)
        self._chance = chance
        self._heading = chance.uniform(0, 2 * pi)

    def stay(self, seconds: int) -> None:
        path = self.path
        path.latitudes += [path.latitudes[-1]] * seconds
        path.longitudes += [path.longitudes[-1]] * seconds
        path.speeds_mps += [0.0] * seconds

    def travel(self, vehicle: Vehicle, seconds: int) -> None:
        """Move for this time, then brake to a stop. Braking takes longer at higher speed."""
        chance, gauss = self._chance, self._chance.gauss
        step = self._stepper()
        speed_mps = wanted_mps = turn_mps2 = 0.0
        until = 0
        for second in range(seconds):
            if second >= until:
                until = second + chance.randint(*vehicle.hold_s)
                wanted_mps, turn_mps2 = chance.choice(vehicle.speeds_mps), gauss(0, vehicle.sideways_mps2)
            change = (wanted_mps - speed_mps) * vehicle.eagerness_hz + gauss(0, vehicle.unrest_mps2)
            speed_mps = max(0.0, speed_mps + max(-vehicle.brake_mps2, min(vehicle.gain_mps2, change)))
            step(speed_mps, turn_mps2)
        while speed_mps > 0:
            speed_mps = max(0.0, speed_mps - 0.7 * vehicle.brake_mps2)
            step(speed_mps, turn_mps2)

    def _stepper(self) -> Callable[[float, float], None]:
        """Return a function that advances one second at a speed and a sideways acceleration."""
        path = self.path
        latitudes, longitudes, speeds_mps = path.latitudes, path.longitudes, path.speeds_mps

        def step(speed_mps: float, turn_mps2: float) -> None:
            self._heading += turn_mps2 / max(speed_mps, 1.0)
            way_deg, latitude = speed_mps / M_PER_DEG, latitudes[-1]
            if abs(latitude) > POLAR_DEG and latitude * cos(self._heading) > 0:
                self._heading = pi - self._heading
            latitudes.append(latitude + way_deg * cos(self._heading))
            longitudes.append(longitudes[-1] + way_deg * sin(self._heading) / cos(radians(latitude)))
            speeds_mps.append(speed_mps)

        return step
