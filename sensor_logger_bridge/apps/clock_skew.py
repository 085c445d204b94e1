"""Clock: a phone's own, held against ours."""

from typing import Final

from sensor_logger_bridge.translation import SHOWN_ON_PHONE, Unusable

AHEAD_MAX_MS: Final = 300_000

WRONG_CLOCK: Final = "wrong-clock"
BEFORE_2020: Final = Unusable(
    SHOWN_ON_PHONE,
    WRONG_CLOCK,
    "This phone says that it is before 2020. Switch on automatic date and time, then record again.",
)


def clock_is_wrong(ahead_ms: int) -> Unusable:
    """What its holder is told. Negative: it is behind."""
    minutes, side = abs(ahead_ms) // 60_000, "ahead" if ahead_ms > 0 else "behind"
    return Unusable(
        SHOWN_ON_PHONE,
        WRONG_CLOCK,
        f"This phone's clock is {minutes} minutes {side}. Switch on automatic date and time, then record again.",
    )
