"""Months, the unit of retention."""

from datetime import UTC, datetime

import pytest

from app.sinks.retention import MonthPartition


@pytest.mark.parametrize(
    ("now", "days", "oldest"),
    [
        ("2026-11-25T12:00:00", 1, (2026, 11)),
        ("2026-11-25T12:00:00", 25, (2026, 10)),
        ("2026-11-01T00:00:00", 1, (2026, 10)),
        ("2026-03-01T00:00:00", 365, (2025, 3)),
        ("2027-01-15T00:00:00", 30, (2026, 12)),
    ],
)
def test_retention_keeps_the_whole_month_of_the_oldest_day(now: str, days: int, oldest: tuple[int, int]) -> None:
    now_s = datetime.fromisoformat(now).replace(tzinfo=UTC).timestamp()
    assert MonthPartition.oldest_kept(now_s, days) == oldest


@pytest.mark.parametrize(
    ("name", "month"),
    [
        ("geovelocity-verdicts-2026.01", (2026, 1)),
        ("eu-suspects-2025.12", (2025, 12)),
        ("geovelocity-verdicts-reindexed", None),
        ("geovelocity-verdicts-2026-01", None),
        ("x", None),
    ],
)
def test_a_month_is_parsed_from_the_end_of_an_index_name(name: str, month: tuple[int, int] | None) -> None:
    assert MonthPartition.of_index(name) == month


def test_months_are_written_like_index_names_and_compare_by_time() -> None:
    assert str(MonthPartition.of("2026-01-31T23:59:59.999Z")) == "2026.01"
    assert MonthPartition(2025, 12) < MonthPartition(2026, 1) < MonthPartition(2026, 2)
    assert MonthPartition(2026, 2).start == datetime(2026, 2, 1, tzinfo=UTC)
