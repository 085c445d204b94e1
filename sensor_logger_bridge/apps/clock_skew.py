"""Messages about a phone's clock that differs from the bridge's clock."""

from typing import Final

from sensor_logger_bridge.translation import SHOWN_ON_PHONE, Unusable

AHEAD_MAX_MS: Final = 300_000
"""Largest accepted lead of a phone's clock: five minutes."""

WRONG_CLOCK: Final = "wrong-clock"
BEFORE_2020: Final = Unusable(
    SHOWN_ON_PHONE,
    WRONG_CLOCK,
    "This phone's clock shows a date before 2020. Switch on automatic date and time, then record again.",
)


def clock_is_wrong(ahead_ms: int) -> Unusable:
    """Return the message for the phone's holder. A negative `ahead_ms` means that the clock is slow."""
    minutes, side = abs(ahead_ms) // 60_000, "ahead" if ahead_ms > 0 else "behind"
    return Unusable(
        SHOWN_ON_PHONE,
        WRONG_CLOCK,
        f"This phone's clock is {minutes} minutes {side}. Switch on automatic date and time, then record again.",
    )
