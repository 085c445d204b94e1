"""The unit of retention: stores keep and delete whole months, so that all of them hold the same."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Self


class MonthPartition(NamedTuple):
    """A month in UTC. Months compare in the order of time."""

    year: int
    month: int

    @classmethod
    def oldest_kept(cls, now_s: float, days: int) -> Self:
        """Return the month of the oldest day to keep. The whole month stays, so no day is deleted early.

        `now_s`: seconds since the epoch.
        """
        day = datetime.fromtimestamp(now_s, UTC) - timedelta(days=days)
        return cls(day.year, day.month)

    @classmethod
    def of(cls, timestamp: str) -> Self:
        """Return the month of a document by its payment's timestamp, RFC 3339 in UTC."""
        return cls(int(timestamp[:4]), int(timestamp[5:7]))

    @classmethod
    def of_index(cls, name: str) -> Self | None:
        """Return the month at the end of an index name, as `….2026.11`, or None."""
        year, _, month = name[-len("2026.11") :].partition(".")
        return cls(int(year), int(month)) if year.isdecimal() and month.isdecimal() else None

    @property
    def start(self) -> datetime:
        """First moment of the month."""
        return datetime(self.year, self.month, 1, tzinfo=UTC)

    def __str__(self) -> str:
        return f"{self.year:04}.{self.month:02}"
