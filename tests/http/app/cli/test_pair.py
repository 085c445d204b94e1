"""Reports of `geovelocity pair` about the bridge of this machine."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import geovelocity
from sensor_logger_bridge import public_url
from tests.support.bridge import listening


def run(*arguments: str, **variables: object) -> Result:
    environment = {f"GEOVELOCITY_{name}": str(value) for name, value in variables.items()}
    return CliRunner().invoke(geovelocity, ["pair", *arguments], env=environment)


def test_an_unreachable_bridge_is_reported_with_a_remedy() -> None:
    assert "No bridge answers on port 1 of this machine" in run("--device", "phone-1", BRIDGE_PORT=1).output


async def test_a_bridge_on_loopback_is_reported_and_one_on_the_lan_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    if public_url.lan_address() is None:
        pytest.skip("this machine is in no network")
    for host, is_reached in (("127.0.0.1", False), ("0.0.0.0", True)):
        async with listening(tmp_path, host) as there:
            output = await in_a_thread("--device", "phone-1", BRIDGE_PORT=there.port)
            assert ("listens on this machine only" in output) is not is_reached
            assert "No bridge answers" not in output


async def in_a_thread(*arguments: str, **variables: object) -> str:
    return (await asyncio.to_thread(run, *arguments, **variables)).output
