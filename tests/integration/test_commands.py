"""The first commands of a new user: `demo`, `up`, `doctor`, `pair`, `pay` and `down`."""

import asyncio
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from app.local.ports import reserved_ports
from app.local.runner import metrics_urls
from deploy.local.ports import HOST
from tests.support.command import GEOVELOCITY, environment, run


def processes_about(text: str) -> list[str]:
    """Return the command lines of running processes that contain a text."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if text in line:
            found.append(line)
    return found


@pytest.mark.timeout(600)
async def test_two_demos_at_the_same_time_succeed_and_leave_nothing_behind(tmp_path: Path) -> None:
    results = await asyncio.gather(
        *[run("demo", "--seconds", "8", "--seed", seed, cwd=tmp_path, TMPDIR=str(tmp_path)) for seed in "12"]
    )
    for code, output in results:
        assert code == 0, output
        verdicts = re.search(r"payments judged\s+│ (\d+) of (\d+)", output)
        assert verdicts is not None
        assert verdicts.group(1) == verdicts.group(2) == "32"
        documents = re.search(r"verdicts\s+│ (\d+)\s+│ (\d+)\s+│ (\d+)", output)
        assert documents is not None
        assert set(documents.groups()) == {"32"}
        assert "payment to verdict, median" in output
    assert list(tmp_path.glob("geovelocity-demo-*")) == []
    assert processes_about(f"{tmp_path}/geovelocity-demo-") == []


@pytest.fixture
def receives_interrupts() -> Iterator[None]:
    """Restore the handler of Ctrl-C: a shell starts background processes with the signal ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("receives_interrupts")
async def test_an_interrupted_demo_leaves_nothing_behind(tmp_path: Path) -> None:
    demo = subprocess.Popen(
        [*GEOVELOCITY, "demo"],
        cwd=tmp_path,
        env=environment(TMPDIR=str(tmp_path)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(60):
            while not list(tmp_path.glob("geovelocity-demo-*/kafka.pid")):
                await asyncio.sleep(0.2)
        demo.send_signal(signal.SIGINT)
        assert await asyncio.to_thread(demo.wait, 60) != 0
    finally:
        demo.kill()
    async with asyncio.timeout(60):
        while processes_about(f"{tmp_path}/geovelocity-demo-"):
            await asyncio.sleep(0.2)


async def page(url: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return await answer.text()


async def push_as_paired(output: str) -> int:
    """Push a fix with the values that `pair` prints. Return the status of the bridge's response."""
    found = re.search(r"Push URL = (\S+), Auth Header = (Bearer \S+)", output)
    assert found is not None
    url, token = found.groups()
    fix = {"name": "location", "time": time.time_ns(), "values": {"latitude": 48.85, "longitude": 2.35}}
    body = {"messageId": 1, "sessionId": "s", "deviceId": "phone-1", "payload": [fix]}
    async with aiohttp.ClientSession() as phone, phone.post(url, json=body, headers={"Authorization": token}) as answer:
        return answer.status


@pytest.mark.timeout(400)
async def test_up_runs_the_whole_service_until_down(tmp_path: Path) -> None:
    with reserved_ports() as ports:
        where = {"GEOVELOCITY_PORT_BASE": str(ports.kafka)}
        code, output = await run("up", cwd=tmp_path, **where)
        assert code == 0, output
        assert f"bridge         http://{HOST}:{ports.bridge}\n" in output
        for name, url in metrics_urls(ports).items():
            assert f"{url}  {name}" in output
            assert "geovelocity_" in await page(url)
        assert "it runs already" in (await run("up", cwd=tmp_path, **where))[1]
        code, output = await run("doctor", cwd=tmp_path, **where)
        assert code == 0, output
        assert output.count("well") == 10
        assert (
            await push_as_paired(
                (await run("pair", "--device", "phone-1", "--address", HOST, cwd=tmp_path, **where))[1]
            )
            == 200
        )
        madrid = ("--latitude", "40.42", "--longitude", "-3.70")
        code, output = await run("pay", "--device", "phone-1", *madrid, cwd=tmp_path, **where)
        assert code == 0, output
        assert re.match(r"suspect, provisional, risk \d+: The phone was [\d,]+ km from the place", output)
        assert f"\nhttp://{HOST}:{ports.api}/case/transaction_demo_" in output
        code, output = await run("pay", "--device", "phone-2", *madrid, cwd=tmp_path, **where)
        assert (code, output.split(",")[0]) == (0, "not_evaluable")
        assert await run("down", "--erase", cwd=tmp_path, **where) == (0, "stopped\ndata erased\n")
        assert processes_about(str(tmp_path)) == []
        code, output = await run("doctor", cwd=tmp_path, **where)
        assert code == 1
        assert "make up" in output


async def test_up_reports_a_used_port_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with reserved_ports() as ports, socket.socket() as other:
        other.bind((HOST, ports.kafka))
        other.listen()
        code, output = await run("up", cwd=tmp_path, GEOVELOCITY_PORT_BASE=str(ports.kafka))
    assert code == 1
    assert f"geovelocity: port {ports.kafka}, which kafka needs, is in use by another program" in output
    assert processes_about(str(tmp_path)) == []
