"""Translation of Traccar Client's queries and messages."""

from typing import Any

import pytest

from sensor_logger_bridge.apps.stored_batch import ALREADY_RECEIVED
from tests.support.make import NOON_MS
from tests.support.message import (
    traccar,
    traccar_json,
)
from tests.support.recorded_drive import fix, translated


def test_a_mock_flag_is_kept() -> None:
    assert fix("traccar", traccar(mock="true")).mock is True
    assert fix("traccar", traccar_json(mock=True)).mock is True
    assert fix("traccar", traccar(mock="false")).mock is None


def test_accuracies_of_speed_course_and_altitude_are_kept() -> None:
    found = fix("traccar", traccar_json({"speed_accuracy": 0.5, "heading_accuracy": 20, "altitude_accuracy": 3}))
    assert (found.speed_accuracy_mps, found.bearing_accuracy_deg, found.vertical_accuracy_m) == (0.5, 20.0, 3.0)


@pytest.mark.parametrize("times", [NOON_MS // 1000, NOON_MS, "2026-11-21T12:00:00Z", "2026-11-21T13:00:00%2B01:00"])
def test_a_time_is_accepted_in_each_of_the_apps_forms(times: Any) -> None:
    assert fix("traccar", traccar(timestamp=times)).at_ms == NOON_MS


def test_an_invalid_position_is_not_published() -> None:
    assert translated("traccar", traccar(valid="false")) == ALREADY_RECEIVED
    assert fix("traccar", traccar(valid="1")).at_ms == NOON_MS
