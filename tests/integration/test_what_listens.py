"""Listening sockets: the bridge, and health and metrics on loopback. Faust's own web server does not run."""

import sys
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from app.local import runner
from app.settings import Settings
from deploy.local.ports import HOST
from tests.support.listening import listens_on
from tests.support.service import FREE_PORTS, changed, provision, running, worker

OF_FAUST = (
    "/",
    "/table/",
    "/table/devices/",
    "/table/devices/phone-1",
    "/router/",
    "/router/devices/phone-1",
    "/graph/",
)

pytestmark = pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="needs Linux's /proc/net")


async def test_a_process_listens_only_on_its_documented_addresses(settings: Settings) -> None:
    settings = changed(settings, alert_slack_url="http://127.0.0.1:9/")
    await provision(settings)
    first = (settings.port_base or 0) + FREE_PORTS
    commands = [worker(app, settings, number) for number, app in enumerate(("detector", "mongo", "elastic"))]
    bare = [sys.executable, "-m", "faust", "-A", "app.main", "worker", "-l", "info"]  # as documented for operators
    commands[0] = replace(commands[0], argv=bare)
    bridge = runner.bridge(settings, restart=False)
    alert = runner.alert(settings, restart=False)
    api = runner.api(settings, restart=False)
    async with running(*commands, bridge, alert, api, folder=settings.state_dir) as processes:
        found = {process.command.name: listens_on(process.pid) for process in processes}
        statuses = {port: [await _status(port, path) for path in OF_FAUST] for port in (first, settings.bridge[1])}
    assert found == {
        "detector-0": {(HOST, first)},
        "mongo-1": {(HOST, first + 1)},
        "elastic-2": {(HOST, first + 2)},
        "bridge": {settings.bridge, (HOST, settings.ports.bridge_metrics)},
        "alert": {(HOST, settings.ports.alert_health)},
        "api": {settings.api, (HOST, settings.ports.api_health)},
    }
    assert all(set(answers) == {404} for answers in statuses.values())


async def test_a_worker_without_a_health_port_listens_nowhere(settings: Settings) -> None:
    await provision(settings)
    command = worker("detector", settings)
    without = {name: value for name, value in command.env.items() if name != "GEOVELOCITY_HEALTH_PORT"}

    async def joined() -> bool:
        log = settings.state_dir / f"{command.name}.log"
        return "Worker ready" in log.read_text() if log.exists() else False

    async with running(replace(command, env=without, ready=joined), folder=settings.state_dir) as (process,):
        assert listens_on(process.pid) == set()


async def _status(port: int, path: str) -> int:
    async with aiohttp.ClientSession() as session, session.get(f"http://{HOST}:{port}{path}") as answer:
        return answer.status
