"""Statistics of recorded tracks, with which simulated tracks are compared."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from agents.rules.geo import distance_m
from schemas.push import Fix

PERCENTILES: Final = (50, 90, 99)

RECORDED: Final = MappingProxyType(
    {
        "speed_mps": (16.19, 34.07, 36.55),
        "accuracy_m": (3.8, 6.5, 12.2),
        "jump_m": (0.32, 1.54, 2.38),
        "gain_mps2": (0.16, 0.89, 2.28),
    }
)
"""Percentiles over all 7,140 pairs of fixes a second apart of the three drives recorded with Sensor Logger on
2025-03-01, 2025-06-11 and 2025-06-14 (two phones, motorway and town; the project's data/tracks, not in this
repository). `measure` defines each quantity.
"""


def measure(tracks: Iterable[Sequence[Fix]]) -> dict[str, tuple[float, ...]]:
    """Return the percentiles of other tracks, from pairs of fixes a second apart that have speed and accuracy.

    A jump is the difference between the distance of the two fixes and the distance at the first one's speed. A gain is
    the absolute change of speed.
    """
    rows = [row for track in tracks for first, second in pairwise(track) if (row := _row(first, second))]
    columns = [sorted(column) for column in zip(*rows, strict=True)]
    values = [tuple(column[len(column) * percent // 100] for percent in PERCENTILES) for column in columns]
    return dict(zip(RECORDED, values, strict=True))


def _row(first: Fix, second: Fix) -> tuple[float, float, float, float] | None:
    speed_mps, next_mps, accuracy_m = first.speed_mps, second.speed_mps, first.horizontal_accuracy_m
    if second.at_ms - first.at_ms != 1000 or speed_mps is None or next_mps is None or accuracy_m is None:
        return None
    if min(speed_mps, next_mps, accuracy_m) < 0:
        return None
    moved_m = distance_m(first.latitude, first.longitude, second.latitude, second.longitude)
    return speed_mps, accuracy_m, abs(moved_m - speed_mps), abs(next_mps - speed_mps)
