"""Detection of rounded coordinates. Sensor Logger can round positions before it sends them, without a flag."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from schemas.push import Fix

FINE_PER_DEG: Final = 1000
COARSE_PER_DEG: Final = 10
"""Steps per degree of the app's two grids: 0.001 degrees (about 100 m) and 0.1 degrees (about 10 km)."""

CONFIRM_AFTER: Final = 3
"""Consecutive fixes on the fine grid that confirm rounding. One fix on the coarse grid is enough.

Coordinates have seven decimals, so an exact position lies on the fine grid once in a hundred million fixes. The first
rounded fixes do no harm: their error is no larger than that of a shop's location. An exact position never lies on the
coarse grid.
"""

_TOLERANCE: Final = 1e-6


class CoarseLocationDetector:
    """Counters of each device's consecutive fixes on the fine grid. A device with an exact last fix has no counter."""

    def __init__(self) -> None:
        self._consecutive: Counter[str] = Counter()

    def is_coarse(self, device_id: str, fixes: Iterable[Fix]) -> bool:
        """Update the device's counter with the fixes. Return whether its coordinates are rounded."""
        coarse = False
        for fix in fixes:
            if fix.latitude == fix.longitude == 0:
                continue  # not a position
            coarse = coarse or _on_grid(fix, COARSE_PER_DEG)
            if _on_grid(fix, FINE_PER_DEG):
                self._consecutive[device_id] += 1
            else:
                self._consecutive.pop(device_id, None)
        return coarse or self._consecutive[device_id] >= CONFIRM_AFTER


def _on_grid(fix: Fix, per_deg: int) -> bool:
    steps = (fix.latitude * per_deg, fix.longitude * per_deg)
    return all(abs(step - round(step)) < _TOLERANCE for step in steps)
