"""The registry of devices and its token file."""

import statistics
import time
from pathlib import Path

import pytest

from sensor_logger_bridge.devices.registry import DAY_S, DeviceRegistry, DevicesFileError
from tests.support.make import CARD


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


def test_a_token_expires_after_its_days(tmp_path: Path) -> None:
    now_s = 1_000_000.0
    devices = DeviceRegistry(tmp_path / "devices.jsonl", lambda: now_s)
    week, always = devices.add("phone-1", days=7), devices.add("phone-2")
    assert (devices.device_of(week), devices.device_of(always)) == ("phone-1", "phone-2")
    now_s += 7 * DAY_S - 1
    assert devices.device_of(week) == "phone-1"
    now_s += 1
    assert (devices.device_of(week), devices.device_of(always)) == (None, "phone-2")
    assert devices.device_of(devices.add("phone-1", days=1)) == "phone-1"


def test_the_duration_of_a_lookup_reveals_nothing_about_a_token(tmp_path: Path) -> None:
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


@pytest.mark.parametrize("device_id", ["", "a/b", CARD])
def test_a_device_id_that_cannot_be_a_key_is_not_registered(tmp_path: Path, device_id: str) -> None:
    with pytest.raises(DevicesFileError):
        DeviceRegistry(tmp_path / "devices.jsonl").add(device_id)
