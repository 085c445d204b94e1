"""The parts of the bridge that need no network."""

import json
import statistics
import time
from pathlib import Path
from typing import Any

import pytest

from schemas.push import Fix, Push
from sensor_logger_bridge.apps import sensor_logger
from sensor_logger_bridge.apps.app import Request
from sensor_logger_bridge.devices.registry import DAY_S, DeviceRegistry, DevicesFileError
from sensor_logger_bridge.http.rate_limiter import BURST, PER_S, TokenBucket
from sensor_logger_bridge.ingest.coarse_location import CONFIRM_AFTER, CoarseLocationDetector
from sensor_logger_bridge.translation import Fixes, NoPosition, Translation
from tests.support.bridge import NOON_NS, location
from tests.support.make import CARD, NOON_MS
from tests.support.make import fix as fix_record


def translate(*items: dict[str, Any], received_ms: int = NOON_MS, **fields: Any) -> Translation:
    body = {"messageId": 17, "sessionId": "b1", "deviceId": "phone-1", "payload": list(items)} | fields
    return sensor_logger.translate(Request(json.dumps(body).encode()), "phone-1", received_ms)


def push_of(translation: Translation) -> Push:
    assert isinstance(translation, Fixes)
    return translation.push


def test_the_apps_own_words_become_ours() -> None:
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


def test_only_latitude_and_longitude_are_needed() -> None:
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
def test_a_message_without_positions_is_understood_and_says_what_to_switch_on(items: list[dict[str, Any]]) -> None:
    answer = translate(*items)
    assert isinstance(answer, NoPosition)
    assert "Location" in answer.text


def test_the_test_button_is_answered_with_what_was_understood() -> None:
    answer = translate({"name": "test", "time": NOON_NS, "values": {}})
    assert isinstance(answer, NoPosition)
    assert "phone-1" in answer.text


def fixes(latitude: float, count: int) -> tuple[Any, ...]:
    return tuple(Fix(**fix_record(second, latitude=latitude)) for second in range(count))


def test_one_position_on_the_coarse_grid_is_a_rounded_one() -> None:
    assert CoarseLocationDetector().is_coarse("a", fixes(40.1, 1))


def test_no_position_at_all_is_not_a_rounded_one() -> None:
    nowhere = fix_record(0, latitude=0.0, longitude=0.0)
    assert not CoarseLocationDetector().is_coarse("a", [Fix(**nowhere)] * 10)


def test_some_positions_in_a_row_on_the_fine_grid_are_rounded_ones() -> None:
    watch = CoarseLocationDetector()
    assert not watch.is_coarse("a", fixes(40.123, CONFIRM_AFTER - 1))
    assert watch.is_coarse("a", fixes(40.124, 1))


def test_one_position_off_the_grid_is_proof_of_the_contrary() -> None:
    watch = CoarseLocationDetector()
    watch.is_coarse("a", fixes(40.123, CONFIRM_AFTER - 1))
    assert not watch.is_coarse("a", fixes(40.1234567, 1))
    assert not watch.is_coarse("a", fixes(40.123, CONFIRM_AFTER - 1))


def test_a_device_may_burst_and_then_keep_a_steady_rate() -> None:
    rate = TokenBucket()
    assert [rate.try_acquire("a", 0.0) for _ in range(int(BURST) + 1)] == [True] * int(BURST) + [False]
    assert rate.try_acquire("a", 1 / PER_S)
    assert not rate.try_acquire("a", 1 / PER_S)
    assert rate.try_acquire("b", 0.0)


def test_a_token_belongs_to_its_device_until_it_is_replaced_or_revoked(tmp_path: Path) -> None:
    devices = DeviceRegistry(tmp_path / "new" / "devices.jsonl")
    token = devices.add("phone-1")
    assert devices.device_of(token) == "phone-1"
    assert devices.device_of(token + "x") is None
    assert devices.device_of("") is None
    newer = devices.add("phone-1")
    assert (devices.device_of(token), devices.device_of(newer)) == (None, "phone-1")
    assert devices.remove("phone-1")
    assert not devices.remove("phone-1")
    assert devices.device_of(newer) is None


def test_a_token_is_good_for_as_long_as_was_said(tmp_path: Path) -> None:
    now_s = 1_000_000.0
    devices = DeviceRegistry(tmp_path / "devices.jsonl", lambda: now_s)
    week, always = devices.add("phone-1", days=7), devices.add("phone-2")
    assert (devices.device_of(week), devices.device_of(always)) == ("phone-1", "phone-2")
    now_s += 7 * DAY_S - 1
    assert devices.device_of(week) == "phone-1"
    now_s += 1
    assert (devices.device_of(week), devices.device_of(always)) == (None, "phone-2")
    assert devices.device_of(devices.add("phone-1", days=1)) == "phone-1"


def test_how_long_an_answer_takes_says_nothing_of_how_right_a_token_was(tmp_path: Path) -> None:
    devices = DeviceRegistry(tmp_path / "devices.jsonl")
    token, removed = devices.add("phone-1"), devices.add("phone-2")
    expired = devices.add("phone-3", days=-1)
    devices.remove("phone-2")
    guesses: dict[str, list[int]] = {"x" * len(token): [], token[:-1] + "!": [], removed: [], expired: []}
    for _ in range(4000):
        for guess, took_ns in guesses.items():
            began_ns = time.perf_counter_ns()
            assert devices.device_of(guess) is None
            took_ns.append(time.perf_counter_ns() - began_ns)
    medians_ns = [statistics.median(took_ns) for took_ns in guesses.values()]
    assert max(medians_ns) < 1.25 * min(medians_ns)


def test_the_file_of_devices_holds_no_token_and_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "devices.jsonl"
    token = DeviceRegistry(path).add("phone-1")
    assert token not in path.read_text()
    assert path.stat().st_mode & 0o077 == 0


def test_a_running_bridge_sees_a_new_device_at_once(tmp_path: Path) -> None:
    path = tmp_path / "devices.jsonl"
    running = DeviceRegistry(path)
    assert running.device_of("x") is None
    token = DeviceRegistry(path).add("phone-1")
    assert running.device_of(token) == "phone-1"


@pytest.mark.parametrize("device_id", ["", "a/b", CARD])
def test_a_device_id_that_cannot_be_a_key_is_not_registered(tmp_path: Path, device_id: str) -> None:
    with pytest.raises(DevicesFileError):
        DeviceRegistry(tmp_path / "devices.jsonl").add(device_id)


def test_a_broken_file_of_devices_is_said_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "devices.jsonl"
    path.write_text("junk\n")
    with pytest.raises(DevicesFileError, match="line 1"):
        DeviceRegistry(path).ids()


def test_a_running_bridge_keeps_the_devices_it_knows_while_the_file_is_broken_and_says_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "devices.jsonl"
    devices = DeviceRegistry(path)
    token = devices.add("phone-1")
    assert devices.device_of(token) == "phone-1"
    path.write_text("junk\n")
    assert [devices.device_of(token), devices.device_of(token)] == ["phone-1", "phone-1"]
    assert [record.message for record in caplog.records] == [
        f"line 1 of {path} is not a device: correct or delete the line; until then its last readable content applies"
    ]
