"""Translation of Sensor Logger's messages."""

import json
from typing import Any

import pytest

from schemas.push import Push
from sensor_logger_bridge.apps import sensor_logger
from sensor_logger_bridge.apps.app import Request
from sensor_logger_bridge.translation import Fixes, NoPosition, Translation
from tests.support.bridge import NOON_NS, location
from tests.support.make import NOON_MS


def translate(*items: dict[str, Any], received_ms: int = NOON_MS, **fields: Any) -> Translation:
    body = {"messageId": 17, "sessionId": "b1", "deviceId": "phone-1", "payload": list(items)} | fields
    return sensor_logger.translate(Request(json.dumps(body).encode()), "phone-1", received_ms)


def push_of(translation: Translation) -> Push:
    assert isinstance(translation, Fixes)
    return translation.push


def test_fields_of_the_app_become_fields_of_a_fix() -> None:
    values = {
        "altitude": 27.1,
        "altitudeAboveMeanSeaLevel": 60.3,
        "speed": 0.33,
        "speedAccuracy": 0.5,
        "bearing": 181.0,
        "bearingAccuracy": 20.0,
        "horizontalAccuracy": 4.7,
        "verticalAccuracy": 3.0,
    }
    push = push_of(translate(location(1698501145514000000 + 97 * 10**15, **values), received_ms=1795501145600))
    (fix,) = push.fixes
    assert (push.device_id, push.session_id, push.message_id, push.source) == ("phone-1", "b1", 17, "sensor-logger")
    assert (fix.at_ms, fix.latitude, fix.longitude, fix.altitude_m) == (1795501145514, 40.1234567, -75.7654321, 27.1)
    assert (fix.speed_mps, fix.speed_accuracy_mps, fix.bearing_deg, fix.bearing_accuracy_deg) == (
        0.33,
        0.5,
        181.0,
        20.0,
    )
    assert (fix.horizontal_accuracy_m, fix.vertical_accuracy_m, push.received_at_ms) == (4.7, 3.0, 1795501145600)


def test_negative_values_are_unknown() -> None:
    (fix,) = push_of(translate(location(speed=-1, bearing=-1, horizontalAccuracy=-1, altitude=-12))).fixes
    assert (fix.speed_mps, fix.bearing_deg, fix.horizontal_accuracy_m, fix.altitude_m) == (None, None, None, -12)


def test_only_latitude_and_longitude_are_required() -> None:
    assert len(push_of(translate(location())).fixes) == 1


def test_other_sensors_and_items_without_values_are_skipped_and_counted() -> None:
    noise = [
        {"name": "accelerometer", "time": 1, "values": {"x": 1}},
        {"name": "camera", "time": 1, "values": {"image": "x" * 99}},
    ]
    watch = location() | {"name": "watchLocation"}
    translation = translate(*noise, location(), watch, location(NOON_NS + 10**9), {"name": "location", "time": NOON_NS})
    assert isinstance(translation, Fixes)
    assert (len(translation.push.fixes), translation.skipped) == (2, 4)


@pytest.mark.parametrize("items", [[], [{"name": "accelerometer", "time": 1, "values": {"x": 1}}]])
def test_the_answer_to_a_message_without_positions_names_the_sensor(items: list[dict[str, Any]]) -> None:
    answer = translate(*items)
    assert isinstance(answer, NoPosition)
    assert "Location" in answer.text


def test_the_answer_to_the_test_button_names_the_device() -> None:
    answer = translate({"name": "test", "time": NOON_NS, "values": {}})
    assert isinstance(answer, NoPosition)
    assert "phone-1" in answer.text
