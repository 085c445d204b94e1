"""Away: since when a store has not taken anything, and what it said."""

from typing import Final

REPORT_AFTER_S: Final = 5.0
"""Shorter absences heal before anyone can look."""


class OutageTracker:
    """Of one app, whose deliveries are several. Times are seconds of any steady clock."""

    def __init__(self) -> None:
        self._since_s: dict[str, float] = {}
        self._why = ""

    def failed(self, delivery: str, why: str, now_s: float) -> None:
        """The store has not taken what this delivery had for it."""
        self._since_s.setdefault(delivery, now_s)
        self._why = why

    def recovered(self, delivery: str) -> None:
        """It has, this time."""
        self._since_s.pop(delivery, None)

    def duration_s(self, now_s: float) -> float:
        """For how long; 0: it is not away."""
        return now_s - min(self._since_s.values(), default=now_s)

    def message(self, now_s: float) -> str | None:
        """A sentence, when it has lasted long enough to be worth one."""
        lasts_s = self.duration_s(now_s)
        return f"nothing was stored for {lasts_s:.0f} s: {self._why}" if lasts_s > REPORT_AFTER_S else None
