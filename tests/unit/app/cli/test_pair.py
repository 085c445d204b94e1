"""Output and errors of `geovelocity pair`, and the settings of `up --lan`."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import geovelocity
from app.cli.up import with_lan_access
from app.security.masking_keys import DEMO_KEY, create_local_key, masking_keys
from app.settings import as_environment, read_settings
from app.settings.state import local_keys_file
from sensor_logger_bridge import public_url
from sensor_logger_bridge.devices.registry import DeviceRegistry
from sensor_logger_bridge.pairing.qr import terminal


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GEOVELOCITY_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(public_url, "lan_address", lambda: "192.168.1.20")


def run(*arguments: str, **variables: object) -> Result:
    environment = {f"GEOVELOCITY_{name}": str(value) for name, value in variables.items()}
    return CliRunner().invoke(geovelocity, ["pair", *arguments], env=environment)


def token_of(output: str) -> str:
    return next(line.split()[-1] for line in output.splitlines() if line.startswith("  token "))


def test_pair_prints_the_page_the_token_a_code_and_a_line_for_each_app() -> None:
    output = run("--device", "phone-1").output
    token = token_of(output)
    assert DeviceRegistry(read_settings().bridge_devices_file).device_of(token) == "phone-1"
    page = f"http://192.168.1.20:8100/pair#{token}"
    assert f"  page   {page}\n" in output
    assert terminal(page, coloured=False) in output
    assert "Push URL = http://192.168.1.20:8100/sensor-logger" in output
    for app in ("Sensor Logger", "OwnTracks", "Overland", "Traccar Client", "GPSLogger"):
        assert sum(line.startswith(f"  {app} ") for line in output.splitlines()) == 1


def test_the_app_option_prints_one_app_and_its_page() -> None:
    output = run("--device", "phone-1", "--app", "overland").output
    assert f"/pair#{token_of(output)}/overland\n" in output
    assert "Access token = " in output
    assert "GPSLogger" not in output


def test_list_prints_phones_and_revoke_removes_a_token() -> None:
    output = run("--device", "phone-1").output
    run("--device", "phone-2")
    assert run("--list").output == "phone-1\nphone-2\n"
    assert run("--revoke", "phone-1").exit_code == 0
    assert run("--list").output == "phone-2\n"
    assert DeviceRegistry(read_settings().bridge_devices_file).device_of(token_of(output)) is None
    assert "phone-1 is not paired" in str(run("--revoke", "phone-1").exception)


def test_pairing_a_phone_again_replaces_its_token() -> None:
    first, second = token_of(run("--device", "phone-1").output), token_of(run("--device", "phone-1").output)
    devices = DeviceRegistry(read_settings().bridge_devices_file)
    assert (devices.device_of(first), devices.device_of(second)) == (None, "phone-1")


@pytest.mark.parametrize(
    "options", [(), ("--list", "--revoke", "x"), ("--device", "x", "--list"), ("--device", "x", "--revoke", "x")]
)
def test_exactly_one_action_is_required(options: tuple[str, ...]) -> None:
    result = run(*options)
    assert result.exit_code == 2
    assert "give one of" in result.output


def test_an_id_that_looks_like_a_card_number_is_rejected() -> None:
    assert "choose another" in str(run("--device", "4111111111111111").exception)


@pytest.mark.parametrize(
    ("address", "host"), [("laptop.local", "laptop.local"), ("10.0.0.7", "10.0.0.7"), ("fd00::2", "[fd00::2]")]
)
def test_the_address_option_sets_the_host(address: str, host: str) -> None:
    assert f"  page   http://{host}:8100/pair#" in run("--device", "phone-1", "--address", address).output


@pytest.mark.parametrize("address", ["http://laptop", "laptop/pair", "a b", "laptop:8100", ""])
def test_an_invalid_address_is_rejected(address: str) -> None:
    result = run("--device", "phone-1", "--address", address)
    assert result.exit_code == 2
    assert "--address" in result.output
    assert run("--list").output == ""


def test_the_proxys_url_is_printed_and_not_checked() -> None:
    output = run("--device", "phone-1", BRIDGE_URL="https://phones.bank.example/").output
    assert "  page   https://phones.bank.example/pair#" in output
    assert output.splitlines()[-1].startswith("  GPSLogger")


def test_production_requires_the_proxys_url() -> None:
    create_local_key(Path())
    output = run("--device", "phone-1", MODE="production", KEYS_FILE=local_keys_file(Path())).output
    assert "set GEOVELOCITY_BRIDGE_URL" in output


def test_a_local_key_is_used_if_no_key_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read_settings()
    assert masking_keys(settings) == (DEMO_KEY,)
    create_local_key(settings.state_dir)
    (own,) = masking_keys(read_settings())
    create_local_key(settings.state_dir)
    assert masking_keys(read_settings()) == (own,)
    assert own.id == "own"
    assert local_keys_file(settings.state_dir).stat().st_mode & 0o777 == 0o600
    assert read_settings(bridge_host="0.0.0.0").bridge == ("0.0.0.0", 8100)
    monkeypatch.setenv("GEOVELOCITY_KEYS", "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
    assert [key.id for key in masking_keys(read_settings())] == ["k1"]


def test_up_with_lan_opens_the_bridge_only_and_all_processes_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = with_lan_access()
    keys = masking_keys(settings)
    for name, value in as_environment(settings).items():
        monkeypatch.setenv(name, value)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")  # the working directory of local processes
    there = read_settings()
    assert there.bridge == ("0.0.0.0", 8100)
    assert [key.id for key in keys] == ["own"]
    assert masking_keys(there) == keys
    assert there.model_copy(update={"bridge_host": "127.0.0.1"})._remote_setting() is None


def test_up_with_lan_creates_no_second_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").write_text("k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
    monkeypatch.setenv("GEOVELOCITY_KEYS_FILE", "mine")
    assert [key.id for key in masking_keys(with_lan_access())] == ["k1"]
    assert not local_keys_file(Path(".geovelocity")).exists()
