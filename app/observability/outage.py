"""Outages of a store or an alert channel: since when it fails, and with which error."""

from typing import Final

REPORT_AFTER_S: Final = 5.0
"""Outages shorter than this are not reported, because they end before anyone can react."""


class OutageTracker:
    """The outage of one target with several writers.

    It lasts while any of them fails. Times are seconds of any steady clock.
    """

    def __init__(self) -> None:
        self._since_s: dict[str, float] = {}
        self._error = ""

    def failed(self, writer: str, error: str, now_s: float) -> None:
        """Note that a write of this writer failed."""
        self._since_s.setdefault(writer, now_s)
        self._error = error

    def recovered(self, writer: str) -> None:
        """Note that a write of this writer succeeded."""
        self._since_s.pop(writer, None)

    def duration_s(self, now_s: float) -> float:
        """Return the duration of the outage in seconds. 0: there is none."""
        return now_s - min(self._since_s.values(), default=now_s)

    def message(self, now_s: float) -> str | None:
        """Return a sentence about an outage longer than `REPORT_AFTER_S`. None: there is none."""
        duration_s = self.duration_s(now_s)
        return f"nothing was stored for {duration_s:.0f} s: {self._error}" if duration_s > REPORT_AFTER_S else None
