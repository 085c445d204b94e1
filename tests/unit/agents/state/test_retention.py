"""Retention: which rows expire, and when."""

import pytest

from agents.ingest_positions import ingest_positions
from agents.rules.state_limits import STATE_LIMITS
from agents.score import score
from agents.state.position_history import HEAD_POINTS_MAX, PositionHistory
from agents.state.retention import expire
from tests.support.batch import CONTEXT, FakeBatch, keyed, verdicts
from tests.support.make import NOON_MS, fix, payment, push

KEY = b"phone-1"


def expire_all(batch: FakeBatch, now_ms: int) -> FakeBatch:
    """Expire every row of the batch and return it."""
    for key in list(batch.rows):
        expire(batch, key, now_ms, CONTEXT)
    return batch


def phone_with_fixes(fixes: int) -> FakeBatch:
    """Return a batch whose rows hold fixes up to noon and a judged payment of one phone."""
    batch = FakeBatch([keyed(push(fix(-second))) for second in range(fixes)])
    ingest_positions(batch, CONTEXT)
    batch = FakeBatch([keyed(payment(1))], rows=batch.rows)
    score(batch, CONTEXT)
    return FakeBatch(rows=batch.rows)


@pytest.mark.parametrize("fixes", [1, 40 * HEAD_POINTS_MAX])
def test_a_phone_silent_for_the_retention_time_has_no_positions(fixes: int) -> None:
    batch = expire_all(phone_with_fixes(fixes), NOON_MS + STATE_LIMITS.positions_kept_ms)
    assert PositionHistory(batch, KEY).oldest_ms is None
    assert [key for key in batch.rows if not key.endswith((b"judged", b"book"))] == []


def test_a_repeated_payment_is_recognised_after_its_positions_expired() -> None:
    batch = expire_all(phone_with_fixes(1), NOON_MS + STATE_LIMITS.transactions_kept_ms)
    again = FakeBatch([keyed(payment(1))], rows=batch.rows)
    score(again, CONTEXT)
    assert verdicts(again) == []


def test_no_row_is_left_a_week_after_the_last_payment() -> None:
    batch = expire_all(phone_with_fixes(2 * HEAD_POINTS_MAX), NOON_MS + STATE_LIMITS.transactions_kept_ms + 1)
    assert expire_all(batch, NOON_MS + STATE_LIMITS.transactions_kept_ms + 1).rows == {}


def test_a_phone_that_reported_recently_keeps_everything() -> None:
    batch = phone_with_fixes(2 * HEAD_POINTS_MAX)
    before = dict(batch.rows)
    assert expire_all(batch, NOON_MS + STATE_LIMITS.silent_phone_grace_ms - 1).rows == before


def test_a_phone_that_reports_rarely_keeps_its_recent_positions() -> None:
    hours = range(-3 * HEAD_POINTS_MAX, 0)
    batch = FakeBatch([keyed(push(fix(3600 * hour))) for hour in hours])
    ingest_positions(batch, CONTEXT)
    expire_all(batch, NOON_MS)
    newest_ms = NOON_MS + 3_600_000 * hours[-1]
    oldest_ms = PositionHistory(batch, KEY).oldest_ms
    assert oldest_ms is not None
    assert newest_ms - STATE_LIMITS.positions_kept_ms <= oldest_ms <= newest_ms - STATE_LIMITS.positions_kept_ms // 2
    assert PositionHistory(batch, KEY).newest_ms == newest_ms


def test_rows_of_checkpoints_and_missing_rows_are_left_alone() -> None:
    batch = FakeBatch(rows={b"\0locations-3": b"a mark"})
    for key in (b"\0locations-3", b"nobody"):
        expire(batch, key, NOON_MS, CONTEXT)
    assert batch.rows == {b"\0locations-3": b"a mark"}


def test_a_phone_that_returns_gets_a_new_history() -> None:
    batch = expire_all(phone_with_fixes(1), NOON_MS + STATE_LIMITS.positions_kept_ms)
    back = FakeBatch([keyed(push(fix(5)))], rows=batch.rows)
    ingest_positions(back, CONTEXT)
    assert [point.at_ms - NOON_MS for point in PositionHistory(back, KEY).evidence(NOON_MS).points] == [5000]
