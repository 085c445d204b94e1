"""A recorded drive, from a CSV file with the columns t, lat, lon, alt, speed, speed_acc, bearing, h_acc."""

import csv
import gzip
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path as File
from random import Random

import msgspec

from app.errors import ConfigurationError
from app.simulate.conditions import Condition
from app.simulate.gnss_model import SimulatedFix
from app.simulate.motion import Trajectory
from app.simulate.place import Place
from app.simulate.scenarios import Trip
from schemas.push import Fix


class Recording:
    """A recorded drive that a simulated phone repeats fix by fix. Where it ends, the phone is silent.

    Its `at_ms` start at the beginning of the recording. The true track is unknown, so the fixes count as true.
    """

    def __init__(self, fixes: Sequence[Fix], start_s: int = 0) -> None:
        """Start at `start_s`, which must not be later than the last fix."""
        kept = [fix for fix in fixes if fix.at_ms >= 1000 * start_s]
        first_ms = kept[0].at_ms
        self._fixes = {(fix.at_ms - first_ms) // 1000: fix for fix in kept}

    def condition(self, name: str) -> Condition:
        """Return the condition of a session with this recording."""
        return Condition(name=name, trip=self._trip, receiver=lambda _: self, moving=True)

    def observe(self, _path: Trajectory, second: int, start_ms: int) -> SimulatedFix:
        """Return the recorded fix of a second."""
        fix, at_ms = self._fixes[second], start_ms + 1000 * second
        return SimulatedFix(msgspec.structs.replace(fix, at_ms=at_ms), at_ms, fix.horizontal_accuracy_m or 0.0)

    def _trip(self, _place: Place, _length_s: int, _chance: Random) -> Trip:
        """Return the recorded track, straight between fixes."""
        seconds = list(self._fixes)
        path = Trajectory(_place_of(self._fixes[0]))
        for first, second in pairwise(seconds):
            here, there, steps = self._fixes[first], self._fixes[second], second - first
            for step in range(1, steps + 1):
                path.latitudes.append(here.latitude + step / steps * (there.latitude - here.latitude))
                path.longitudes.append(here.longitude + step / steps * (there.longitude - here.longitude))
                path.speeds_mps.append(there.speed_mps or 0.0)
        silent = tuple((first + 1, second) for first, second in pairwise(seconds) if second > first + 1)
        return Trip(path, path, silent)


def recordings(folder: File) -> list[list[Fix]]:
    """Read the fixes of every file in a folder, in order of file names.

    Raises:
        ConfigurationError: there is no file, or one cannot be read.
    """
    tracks = [_read(path) for path in sorted(folder.glob("*.csv*"))]
    if not tracks:
        raise ConfigurationError(f"{folder} has no *.csv or *.csv.gz files: give the folder with the tracks")
    return tracks


def _place_of(fix: Fix) -> Place:
    return Place(fix.latitude, fix.longitude)


def _read(path: File) -> list[Fix]:
    open_text = gzip.open if path.suffix == ".gz" else open
    try:
        with open_text(path, "rt", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
            first_s = float(rows[0]["t"])
            return [
                Fix(
                    1000 * round(float(row["t"]) - first_s),
                    float(row["lat"]),
                    float(row["lon"]),
                    altitude_m=float(row["alt"]),
                    speed_mps=float(row["speed"]),
                    speed_accuracy_mps=float(row["speed_acc"]),
                    bearing_deg=float(row["bearing"]),
                    horizontal_accuracy_m=float(row["h_acc"]),
                )
                for row in rows
            ]
    except (OSError, KeyError, ValueError, IndexError) as error:
        raise ConfigurationError(
            f"{path} is not a track ({type(error).__name__}): see `geovelocity demo --help`"
        ) from None
