"""The Dockerfile and the compose file, without a container engine."""

import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from app.cli import geovelocity
from app.settings import PREFIX, Settings

ROOT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = YAML(typ="safe").load(ROOT / "deploy" / "compose.yaml")
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"].startswith("geovelocity:")}


def test_every_process_has_a_container() -> None:
    assert set(OURS) == {"init", "boards", "bridge", "detector", "sink-mongo", "sink-elastic", "alert", "api"}


@pytest.mark.parametrize("name", OURS)
def test_the_command_of_a_container_exists(name: str) -> None:
    words = OURS[name]["command"]
    assert CliRunner().invoke(geovelocity, [*words, "--help"]).exit_code == 0
    check = OURS[name].get("healthcheck")
    if check is not None:
        assert check["test"][:2] == ["CMD", "geovelocity"]
        assert CliRunner().invoke(geovelocity, [*check["test"][2:], "--help"]).exit_code == 0


@pytest.mark.parametrize("name", OURS)
def test_the_settings_of_a_container_are_valid(name: str) -> None:
    environment = OURS[name]["environment"]
    fields = {variable.removeprefix(PREFIX).lower(): value for variable, value in environment.items()}
    assert set(fields) <= set(Settings.model_fields)
    plain: dict[str, Any] = {field: re.sub(r"\$\{(\w+)[^}]*\}", "x", value) for field, value in fields.items()}
    assert Settings(_env_file=None, **plain).mode == "production"


def test_every_long_running_container_has_a_health_check() -> None:
    stays = {name for name, service in COMPOSE["services"].items() if service.get("restart") == "unless-stopped"}
    without = {name for name in stays if "healthcheck" not in COMPOSE["services"][name]}
    assert without == set()


@pytest.mark.parametrize("name", OURS)
def test_a_container_has_no_privileges(name: str) -> None:
    service = OURS[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_ports_are_published_on_loopback_only() -> None:
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", ())]
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_every_password_comes_from_the_environment_file() -> None:
    text = (ROOT / "deploy" / "compose.yaml").read_text()
    wanted = set(re.findall(r"\$\{(\w+):\?", text))
    example = (ROOT / "deploy" / "compose.env.example").read_text()
    assert wanted == set(re.findall(r"^(\w+)=$", example, flags=re.MULTILINE))
    assert set(re.findall(r"\$\{(\w+)", text)) == wanted


def test_the_image_pins_its_requirements_and_runs_without_root() -> None:
    text = (ROOT / "deploy" / "Dockerfile").read_text()
    assert "--require-hashes -r requirements/runtime.txt" in text
    assert re.search(r"^USER 10001$", text, flags=re.MULTILINE)
    copied = re.findall(r"^COPY (\w+) \1$", text, flags=re.MULTILINE)
    assert set(copied) == {"app", "agents", "schemas", "sensor_logger_bridge", "deploy"}
