"""Month: what stores keep and delete by, so that all of them hold the same."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Self


class MonthPartition(NamedTuple):
    """One month in UTC; earlier ones are less."""

    year: int
    month: int

    @classmethod
    def oldest_kept(cls, now_s: float, days: int) -> Self:
        """The month of the oldest day that is kept: all of it stays, so that no day goes too early."""
        day = datetime.fromtimestamp(now_s, UTC) - timedelta(days=days)
        return cls(day.year, day.month)

    @classmethod
    def of(cls, timestamp: str) -> Self:
        """That of a document, by the time of its payment: RFC 3339 in UTC."""
        return cls(int(timestamp[:4]), int(timestamp[5:7]))

    @classmethod
    def of_index(cls, name: str) -> Self | None:
        """That of an index, by its name; None when it is not called so."""
        year, _, month = name[-len("2026.11") :].partition(".")
        return cls(int(year), int(month)) if year.isdecimal() and month.isdecimal() else None

    @property
    def start(self) -> datetime:
        return datetime(self.year, self.month, 1, tzinfo=UTC)

    def __str__(self) -> str:
        return f"{self.year:04}.{self.month:02}"
