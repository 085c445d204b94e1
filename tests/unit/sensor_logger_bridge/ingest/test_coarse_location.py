"""Detection of rounded coordinates."""

from typing import Any

from schemas.push import Fix
from sensor_logger_bridge.ingest.coarse_location import CONFIRM_AFTER, CoarseLocationDetector
from tests.support.make import fix as fix_record


def fixes(latitude: float, count: int) -> tuple[Any, ...]:
    return tuple(Fix(**fix_record(second, latitude=latitude)) for second in range(count))


def test_one_position_on_the_coarse_grid_is_coarse() -> None:
    assert CoarseLocationDetector().is_coarse("a", fixes(40.1, 1))


def test_null_island_is_not_coarse() -> None:
    null_island = fix_record(0, latitude=0.0, longitude=0.0)
    assert not CoarseLocationDetector().is_coarse("a", [Fix(**null_island)] * 10)


def test_consecutive_positions_on_the_fine_grid_are_coarse() -> None:
    detector = CoarseLocationDetector()
    assert not detector.is_coarse("a", fixes(40.123, CONFIRM_AFTER - 1))
    assert detector.is_coarse("a", fixes(40.124, 1))


def test_one_position_off_the_grid_resets_the_counter() -> None:
    detector = CoarseLocationDetector()
    detector.is_coarse("a", fixes(40.123, CONFIRM_AFTER - 1))
    assert not detector.is_coarse("a", fixes(40.1234567, 1))
    assert not detector.is_coarse("a", fixes(40.123, CONFIRM_AFTER - 1))
