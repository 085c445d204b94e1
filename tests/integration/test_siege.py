"""The real bridge and broker under all attacks at once, with phones that must not be affected."""

import asyncio
import json
import re
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from app.kafka.topic_reader import read_all
from app.local import runner
from app.provisioning.topics import create_topics
from app.settings import Settings
from deploy.local.ports import HOST
from schemas.push import Push, parse_push
from sensor_logger_bridge.devices.registry import DAY_S, DeviceRegistry
from sensor_logger_bridge.http.connection_limiter import PER_DEVICE_MAX, UNAUTHENTICATED_TIMEOUT_S, EvictionReason
from tests.support.load_attackers import Plan
from tests.support.service import changed, running

PHONES = 20
SIEGE_S = 14.0
CONNECTIONS_MAX = 800
RSS_MAX_KB = 256 << 10
ATTACKERS = ("slow", "bomber", "flooder", "impostor", "removed", "replayer", "latecomer")


class Phone:
    """A registered phone that posts a position twice a second and records the response times."""

    def __init__(self, settings: Settings, device_id: str, token: str) -> None:
        host, port = settings.bridge
        self._url = f"http://{host}:{port}/sensor-logger"
        self._device_id = device_id
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.answers: Counter[int] = Counter()
        self.took_s: list[float] = []

    async def report(self, seconds: float) -> None:
        """Send messages. Open a new connection for every third one, as after a change of the network."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            async with aiohttp.ClientSession() as session:
                for _ in range(3):
                    await self._post(session)
                    await asyncio.sleep(0.5)

    async def _post(self, session: aiohttp.ClientSession) -> None:
        values = {"latitude": 40.1234567, "longitude": -75.7654321, "horizontalAccuracy": 4.7}
        item = {"name": "location", "time": time.time_ns(), "values": values}
        number = len(self.took_s)
        body = {"deviceId": self._device_id, "sessionId": "s", "messageId": number, "payload": [item]}
        began = time.monotonic()
        async with session.post(self._url, json=body, headers=self._headers) as answer:
            await answer.read()
        self.took_s.append(time.monotonic() - began)
        self.answers[answer.status] += 1


@asynccontextmanager
async def besieged(plan: Plan) -> AsyncIterator[dict[str, dict[str, Any]]]:
    """Yield the attackers' results, which are empty until the siege is over."""
    met: dict[str, dict[str, Any]] = {}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.load_attackers"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    telling = asyncio.create_task(process.communicate(json.dumps(asdict(plan)).encode()))
    yield met
    printed, _ = await telling
    assert process.returncode == 0
    met |= json.loads(printed)


async def metrics(port: int) -> str:
    async with aiohttp.ClientSession() as session, session.get(f"http://{HOST}:{port}/metrics") as answer:
        return await answer.text()


async def most_open(port: int) -> int:
    """Return the highest number of open connections seen during the siege."""
    most, ends = 0, time.monotonic() + SIEGE_S
    while time.monotonic() < ends:
        counts = re.findall(r"^geovelocity_bridge_connections\{.*\} (\d+)", await metrics(port), re.MULTILINE)
        most = max(most, sum(map(int, counts)))
        await asyncio.sleep(0.5)
    return most


def memory_kb(pid: int) -> int:
    """Return the peak memory of the process."""
    found = re.search(r"^VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
async def test_phones_are_not_affected_by_a_siege(settings: Settings) -> None:
    port = settings.ports.bridge_metrics
    settings = changed(settings, bridge_connections_max=CONNECTIONS_MAX)
    await create_topics(settings)
    devices = DeviceRegistry(settings.bridge_devices_file)
    phones = [Phone(settings, name, token) for name, token in devices.add_all(names()).items()]
    tokens = devices.add_all(list(ATTACKERS))
    tokens["expired"] = DeviceRegistry(settings.bridge_devices_file, lambda: time.time() - DAY_S).add(
        "expired", days=0.9
    )
    devices.remove("removed")
    async with running(runner.bridge(settings, restart=False), folder=settings.state_dir) as (bridge,):
        async with besieged(Plan(settings.bridge[1], SIEGE_S, tokens)) as met:
            watching = asyncio.create_task(most_open(port))
            await asyncio.gather(*[phone.report(SIEGE_S) for phone in phones])
        seen, held_kb = await watching, memory_kb(bridge.pid)
        shown_out = await metrics(port)
    took_s = sorted(one for phone in phones for one in phone.took_s)
    print(json.dumps(met, indent=1), f"p99 {took_s[len(took_s) * 99 // 100]:.3f} s, {seen} open, {held_kb >> 10} MiB")
    assert sum((phone.answers for phone in phones), Counter()).keys() == {200}
    assert len(took_s) > PHONES * SIEGE_S
    assert took_s[len(took_s) * 99 // 100] < 1.0
    assert 100 < seen <= CONNECTIONS_MAX
    assert held_kb < RSS_MAX_KB
    _assert_attackers_got_nothing(met)
    counted = dict(re.findall(r'^geovelocity_bridge_shown_out_total\{why="(.*)"\} (\d+)', shown_out, re.MULTILINE))
    assert {why for why, number in counted.items() if int(number)} == set(EvictionReason) - {
        EvictionReason.FULL,
        EvictionReason.IDLE,
    }
    pushes = [parse_push(record.value) for record in await read_all(settings, settings.topics.locations)]
    known = {push.device_id for push in pushes if isinstance(push, Push)}
    assert known == {*names(), "flooder", "replayer"}
    assert "Traceback" not in bridge.log.read_text()


def names() -> list[str]:
    return [f"phone-{number}" for number in range(PHONES)]


def _assert_attackers_got_nothing(met: dict[str, dict[str, Any]]) -> None:
    answered = {name: set(one["answers"]) for name, one in met.items()}
    for name in ("heads a byte at a time", "silent sockets", "answers not read"):
        assert answered[name] == set(), name
        assert met[name]["last_cut_off_s"] < UNAUTHENTICATED_TIMEOUT_S + 6, name
        assert met[name]["cut_off"] > 0, name
    assert met["heads a byte at a time"]["last_cut_off_s"] > UNAUTHENTICATED_TIMEOUT_S - 2
    assert answered["bodies a byte at a time"] == {"408"}
    assert met["bodies a byte at a time"]["answers"]["408"] <= PER_DEVICE_MAX
    assert answered["gzip bombs"] <= {"413", "429"}
    assert answered["guessed tokens"] == answered["a removed token"] == answered["an expired token"] == {"499"}
    assert answered["questions after readiness"] == {"200"}
    assert answered["a flood of one device"] == {"200", "429"}
    assert answered["another device's id"] <= {"403", "429"}
    assert answered["a push replayed after hours"] <= {"499", "429"}
    assert "200" in answered["a push replayed at once"]
