"""Translation of Overland's batches."""

from schemas.push import FIXES_MAX
from sensor_logger_bridge.apps.overland import FOREIGN_DEVICE_ID
from sensor_logger_bridge.apps.stored_batch import ALREADY_RECEIVED
from sensor_logger_bridge.translation import Fixes
from tests.support.make import NOON_MS
from tests.support.message import (
    feature,
    overland,
)
from tests.support.recorded_drive import APP, OWNER, translated


def test_visits_trips_and_actions_are_no_positions() -> None:
    """Such features have an earlier place under the current time."""
    others = [
        feature(action="visit", arrival_date=None, departure_date=None),
        {"type": "Feature", "properties": {"timestamp": "2026-11-21T12:00:00Z", "action": "paused_location_updates"}},
        feature(type="trip", mode="car", distance=1000),
    ]
    translation = translated("overland", overland(*others, feature(3)))
    assert isinstance(translation, Fixes)
    assert [one.at_ms - NOON_MS for one in translation.push.fixes] == [3000]
    assert (translation.skipped, translation.problem) == (3, None)
    assert translated("overland", overland(*others)) == ALREADY_RECEIVED


def test_the_largest_batch_of_the_app_is_accepted() -> None:
    full = {"motion": ["driving", "stationary"], "battery_state": "unplugged", "battery_level": 0.89, "wifi": "x" * 32}
    sent = overland(*[feature(second, **full, desired_accuracy=100, activity="other") for second in range(FIXES_MAX)])
    assert len(sent.body) < APP["overland"].bytes_max
    translation = translated("overland", sent, NOON_MS + 86_400_000)
    assert isinstance(translation, Fixes)
    assert len(translation.push.fixes) == FIXES_MAX


def test_one_bad_feature_does_not_block_the_others() -> None:
    bad = [feature(coordinates=[200, 40]), feature(timestamp="yesterday"), feature(coordinates=None), {"type": "x"}]
    translation = translated("overland", overland(feature(1), *bad, feature(2)))
    assert isinstance(translation, Fixes)
    assert (len(translation.push.fixes), translation.skipped) == (2, 4)
    assert translation.problem is not None
    assert translation.problem.code == "range"
    assert APP["overland"].response_to(translation).text == '{"result":"ok"}'


def test_a_feature_with_another_device_id_is_dropped_and_reported() -> None:
    translation = translated("overland", overland(feature(1, device_id="tablet"), feature(2, device_id=OWNER)))
    assert isinstance(translation, Fixes)
    assert (len(translation.push.fixes), translation.skipped, translation.problem) == (1, 1, FOREIGN_DEVICE_ID)
