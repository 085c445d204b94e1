"""Track: where a phone was around a payment, as coarse as verdicts say it. Pure."""

from typing import Any, Final

from agents.rules.evidence.point_codec import FUTURE_MS
from agents.rules.publish.verdict import coarse
from schemas.json.timestamps import format_us
from schemas.push import Fix, Push

FIXES_MAX: Final = 2_000
GRID_M: Final = 1_100
"""About what two decimals of a degree are."""

BEFORE_MS: Final = 30 * 60_000
AFTER_MS: Final = 15 * 60_000


class PhoneTrack:
    """Fixes of one device near one moment, each once. `since_ms`: up to then the device was forgotten."""

    def __init__(self, paid_ms: int, erased_until_ms: int = 0) -> None:
        self._first_ms = max(paid_ms - BEFORE_MS, erased_until_ms + 1)
        self._last_ms = paid_ms + AFTER_MS
        self._erased_until_ms = erased_until_ms
        self._fixes: dict[int, Fix] = {}

    def add(self, push: Push, at_ms: int) -> None:
        """Takes in what a push says of that time, if its record is from `at_ms` and counts at all."""
        if at_ms <= self._erased_until_ms:
            return
        for fix in push.fixes:
            nowhere = fix.latitude == 0 == fix.longitude
            if self._first_ms <= fix.at_ms <= min(self._last_ms, at_ms + FUTURE_MS) and not nowhere:
                self._fixes.setdefault(fix.at_ms, fix)

    def as_json(self, *, complete: bool) -> dict[str, Any]:
        """Oldest first; of too many, some evenly spread over all."""
        fixes = [self._fixes[at_ms] for at_ms in sorted(self._fixes)]
        if len(fixes) > FIXES_MAX:
            fixes = [fixes[number * len(fixes) // FIXES_MAX] for number in range(FIXES_MAX)]
        return {"fixes": list(map(_fix_json, fixes)), "grid_m": GRID_M, "complete": complete}


def _fix_json(fix: Fix) -> dict[str, Any]:
    return {
        "at": format_us(1000 * fix.at_ms),
        "latitude": coarse(fix.latitude),
        "longitude": coarse(fix.longitude),
        "speed_mps": _rounded(fix.speed_mps, 1),
        "altitude_m": None if fix.altitude_m is None else round(fix.altitude_m, 0),
        "horizontal_accuracy_m": _rounded(fix.horizontal_accuracy_m, 1),
    }


def _rounded(value: float | None, digits: int) -> float | None:
    """Phones say a negative number for what they do not know."""
    return None if value is None or value < 0 else round(value, digits)
