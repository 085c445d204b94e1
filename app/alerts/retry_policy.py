"""Patience: how often, and for how long, an alert that is not taken is sent again."""

from dataclasses import dataclass
from typing import Final

FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Ends with whichever comes first."""

    attempts_max: int
    give_up_s: float

    def pause_s(self, attempts: int, waited_s: float, asked_s: float | None, chance: float) -> float | None:
        """How long to wait before the next attempt; None: give up.

        Doubles from attempt to attempt, and lies by chance (0 to 1) between half and all of that, so that many do not
        come at once. Never shorter than the other side has asked for. `attempts` have been made in `waited_s`.
        """
        longest_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(attempts - 1, 16))
        pause_s = max(longest_s * (1 + chance) / 2, asked_s or 0.0)
        return pause_s if attempts < self.attempts_max and waited_s + pause_s <= self.give_up_s else None
