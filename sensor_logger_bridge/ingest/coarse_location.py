"""Cloak: Sensor Logger can round coordinates before it sends them, and does not say so. This notices."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from schemas.push import Fix

FINE_PER_DEG: Final = 1000
COARSE_PER_DEG: Final = 10
"""The app's two grids: 0.001 degrees, about 100 m, and 0.1 degrees, about 10 km."""

CONFIRM_AFTER: Final = 3
"""Coordinates have seven decimals: a true position lies on the fine grid once in a hundred million fixes. So many in a
row are no chance, and the first ones do no harm: they are no further off than shops are. On the coarse grid, where a
true position never lies, a single one is enough.
"""

_TOLERANCE: Final = 1e-6


class CoarseLocationDetector:
    """Counts, for each device, how many fixes in a row lay on the fine grid. Holds one number a device that does."""

    def __init__(self) -> None:
        self._consecutive: Counter[str] = Counter()

    def is_coarse(self, device_id: str, fixes: Iterable[Fix]) -> bool:
        """Takes the fixes in and says whether this device's coordinates are rounded."""
        coarse = False
        for fix in fixes:
            if fix.latitude == fix.longitude == 0:
                continue  # no position at all
            coarse = coarse or _on_grid(fix, COARSE_PER_DEG)
            if _on_grid(fix, FINE_PER_DEG):
                self._consecutive[device_id] += 1
            else:
                self._consecutive.pop(device_id, None)
        return coarse or self._consecutive[device_id] >= CONFIRM_AFTER


def _on_grid(fix: Fix, per_deg: int) -> bool:
    steps = (fix.latitude * per_deg, fix.longitude * per_deg)
    return all(abs(step - round(step)) < _TOLERANCE for step in steps)
