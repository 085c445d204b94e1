"""Position history: the cells of one phone."""

from dataclasses import dataclass, field

import pytest

from agents.rules.evidence.point_codec import POINT_BYTES, TrackPoint, pack
from agents.rules.evidence.selection import select_evidence
from agents.state.position_history import DENSE_MS, HEAD_POINTS_MAX, PositionHistory
from tests.support.batch import FakeBatch
from tests.support.make import NOON_MS
from tests.support.phone import point, resting

KEY = b"phone"
DAY_S = 86_400


@dataclass
class OpenAt:
    """The times of open payments."""

    open_ms: list[float] = field(default_factory=list)


def add(batch: FakeBatch, *points: TrackPoint, open_s: tuple[float, ...] = ()) -> None:
    history = PositionHistory(batch, KEY)
    newest_ms = max(point.at_ms for point in points)
    history.add(pack(points), newest_ms, NOON_MS, OpenAt([NOON_MS + 1000 * second for second in open_s]))
    history.save()


def evidence(batch: FakeBatch, seconds: float = 0) -> list[TrackPoint]:
    return PositionHistory(batch, KEY).evidence(NOON_MS + seconds * 1000).points


def test_an_unknown_phone_has_no_history() -> None:
    history = PositionHistory(FakeBatch(), KEY)
    assert (history.evidence(NOON_MS).points, history.oldest_ms, history.newest_ms) == ([], None, None)


def test_added_points_are_found_by_the_next_batch() -> None:
    batch = FakeBatch()
    add(batch, point(-2), point(-1))
    assert evidence(batch) == [point(-2), point(-1)]


def test_a_long_track_moves_out_of_the_head_and_is_still_found() -> None:
    batch, points = FakeBatch(), resting(-900, 0)
    for one in points:
        add(batch, one)
    assert len(batch.rows[KEY]) < HEAD_POINTS_MAX * POINT_BYTES + 100
    assert evidence(batch) == select_evidence(points, NOON_MS).points


@pytest.mark.parametrize("late_s", [0, 61, 600, 3599])
def test_a_payment_up_to_an_hour_late_finds_the_same_evidence(late_s: int) -> None:
    batch, points = FakeBatch(), resting(-5 * 3600, 0)
    for start in range(0, len(points), 60):
        add(batch, *points[start : start + 60])
    assert evidence(batch, -late_s) == select_evidence(points, NOON_MS - 1000 * late_s).points


def test_points_around_an_open_payment_are_kept_for_any_time() -> None:
    batch, points, later = FakeBatch(), resting(-600, 600), resting(8 * 3600, 8 * 3600 + 100)
    for one in (points, later):
        add(batch, *one, open_s=(0,))
    assert evidence(batch) == select_evidence([*points, *later], NOON_MS).points


def test_old_points_without_an_open_payment_are_downsampled() -> None:
    batch, dense_s = FakeBatch(), DENSE_MS // 1000
    add(batch, *resting(-600, 600))
    add(batch, *resting(600 + 2 * dense_s, 700 + 2 * dense_s))
    assert len(evidence(batch)) < 80


def test_a_day_of_fixes_stays_below_115_kilobytes() -> None:
    batch = FakeBatch()
    for start in range(-DAY_S, 0, 600):
        add(batch, *resting(start, start + 599))
    assert sum(map(len, batch.rows.values())) < 115_000


def test_a_push_writes_less_than_a_kilobyte_on_average() -> None:
    batch, written = FakeBatch(), 0
    for one in resting(-3600, 0):
        before = dict(batch.rows)
        add(batch, one)
        written += sum(len(value) for key, value in batch.rows.items() if before.get(key) != value)
    assert written / 3600 < 1_000


def test_deletion_removes_older_points_only() -> None:
    batch, points = FakeBatch(), resting(-1200, 0)
    add(batch, *points)
    PositionHistory(batch, KEY).delete_before(NOON_MS - 60_000)
    assert PositionHistory(batch, KEY).oldest_ms == NOON_MS - 60_000
    assert evidence(batch)[-1] == points[-1]
    PositionHistory(batch, KEY).delete_before(NOON_MS + 1)
    assert batch.rows == {}
