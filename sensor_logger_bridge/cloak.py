"""Cloak: Sensor Logger can round coordinates before it sends them, and does not say so. This notices."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from schemas.push import Fix

GRID_PER_DEG: Final = 1000
"""The finer of the app's two grids, 0.001 degrees; the coarser one, 0.1 degrees, lies on it."""

SURE_AFTER: Final = 60
"""A true position lies on the grid once in a hundred million fixes; so many in a row are no chance."""

_TOLERANCE: Final = 1e-6


class CloakWatch:
    """Counts, for each device, how many fixes in a row lay on the grid. Holds one number a device that does."""

    def __init__(self) -> None:
        self._in_a_row: Counter[str] = Counter()

    def is_cloaked(self, device_id: str, fixes: Iterable[Fix]) -> bool:
        """Takes the fixes in and says whether this device's coordinates are rounded."""
        for fix in fixes:
            if _on_grid(fix.latitude) and _on_grid(fix.longitude):
                self._in_a_row[device_id] += 1
            else:
                self._in_a_row.pop(device_id, None)
        return self._in_a_row[device_id] >= SURE_AFTER


def _on_grid(degrees: float) -> bool:
    steps = degrees * GRID_PER_DEG
    return abs(steps - round(steps)) < _TOLERANCE
