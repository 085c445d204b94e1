"""The phone track: positions around a payment, as coarse as in verdicts. Pure."""

from typing import Final

from agents.rules.publish.verdict import coarse
from agents.rules.state_limits import STATE_LIMITS
from app.api.messages import TrackFix, TrackResponse
from schemas.json.timestamps import format_us
from schemas.push import Fix, Push

FIXES_MAX: Final = 2_000
GRID_M: Final = 1_100
"""Size of the rounding grid: two decimals of a degree are about 1.1 km."""

BEFORE_MS: Final = 30 * 60_000
AFTER_MS: Final = 15 * 60_000


class PhoneTrack:
    """Fixes of one device around a payment, one for each timestamp.

    `erased_until_ms`: time of the last erasure of the device. Fixes and records up to it are left out.
    """

    def __init__(self, paid_ms: int, erased_until_ms: int = 0) -> None:
        self._first_ms = max(paid_ms - BEFORE_MS, erased_until_ms + 1)
        self._last_ms = paid_ms + AFTER_MS
        self._erased_until_ms = erased_until_ms
        self._fixes: dict[int, Fix] = {}

    def add(self, push: Push, at_ms: int) -> None:
        """Add the fixes of a push that lie in the time range. `at_ms`: record time of the push."""
        if at_ms <= self._erased_until_ms:
            return
        for fix in push.fixes:
            null_island = fix.latitude == 0 == fix.longitude
            if self._first_ms <= fix.at_ms <= min(self._last_ms, at_ms + STATE_LIMITS.future_ms) and not null_island:
                self._fixes.setdefault(fix.at_ms, fix)

    def response(self, *, complete: bool) -> TrackResponse:
        """Return the fixes, oldest first. Beyond `FIXES_MAX`, return an evenly spaced selection."""
        fixes = [self._fixes[at_ms] for at_ms in sorted(self._fixes)]
        if len(fixes) > FIXES_MAX:
            fixes = [fixes[number * len(fixes) // FIXES_MAX] for number in range(FIXES_MAX)]
        return TrackResponse(list(map(_track_fix, fixes)), GRID_M, complete)


def _track_fix(fix: Fix) -> TrackFix:
    return TrackFix(
        at=format_us(1000 * fix.at_ms),
        latitude=coarse(fix.latitude),
        longitude=coarse(fix.longitude),
        speed_mps=_rounded(fix.speed_mps, 1),
        altitude_m=None if fix.altitude_m is None else round(fix.altitude_m, 0),
        horizontal_accuracy_m=_rounded(fix.horizontal_accuracy_m, 1),
    )


def _rounded(value: float | None, digits: int) -> float | None:
    """Round a value. Phones send a negative number for an unknown value: return None for it."""
    return None if value is None or value < 0 else round(value, digits)
