"""The file of token owners."""

from pathlib import Path

import pytest

from sensor_logger_bridge.devices.registry import DeviceRegistry, DevicesFileError


def test_the_file_holds_no_token_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "devices.jsonl"
    token = DeviceRegistry(path).add("phone-1")
    assert token not in path.read_text()
    assert path.stat().st_mode & 0o077 == 0


def test_a_running_bridge_accepts_a_new_device_at_once(tmp_path: Path) -> None:
    path = tmp_path / "devices.jsonl"
    running = DeviceRegistry(path)
    assert running.device_of("x") is None
    token = DeviceRegistry(path).add("phone-1")
    assert running.device_of(token) == "phone-1"


def test_the_error_for_a_broken_file_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "devices.jsonl"
    path.write_text("junk\n")
    with pytest.raises(DevicesFileError, match="line 1"):
        DeviceRegistry(path).ids()


def test_the_last_readable_content_applies_while_the_file_is_broken(
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
