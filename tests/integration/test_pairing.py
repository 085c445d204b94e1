"""Pairing of phones with the real bridge and broker, and the addresses that `up --lan` opens."""

import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from app.kafka.topic_reader import read_all
from app.local import runner
from app.local.ports import reserved_ports
from app.provisioning.topics import create_topics
from app.settings import Settings, as_environment
from deploy.local.ports import HOST
from schemas.push import Push, parse_push
from sensor_logger_bridge.apps.registry import SOURCES
from sensor_logger_bridge.apps.setup import PhoneSetup
from sensor_logger_bridge.public_url import lan_address
from tests.support.command import run
from tests.support.listening import listens_on
from tests.support.paired_phone import ACCURACY_M, post_of
from tests.support.service import running, until

REPORTED_WITHIN_S = 2.0


@dataclass(frozen=True, slots=True)
class Paired:
    """A paired phone and its page."""

    settings: Settings
    session: aiohttp.ClientSession
    phone: PhoneSetup

    async def get(self, path: str) -> tuple[int, str]:
        headers = {"Authorization": f"Bearer {self.phone.token}"}
        async with self.session.get(f"{self.phone.base_url}{path}", headers=headers) as answer:
            return answer.status, await answer.text()

    async def last_report(self) -> dict[str, Any] | None:
        headers = {"Authorization": f"Bearer {self.phone.token}"}
        async with self.session.get(f"{self.phone.base_url}/pair/status", headers=headers) as answer:
            body: dict[str, Any] = await answer.json()
        report: dict[str, Any] | None = body["heard"]
        return report


def page_of(output: str) -> tuple[str, str]:
    """Return base URL and token of the address that `pair` prints."""
    found = re.search(r"page   (http://\S+)/pair#(\S+)", output)
    assert found is not None, output
    return found[1], found[2]


@pytest.fixture
async def paired(settings: Settings) -> AsyncIterator[Paired]:
    await create_topics(settings)
    async with (
        running(runner.bridge(settings, restart=False), folder=settings.state_dir),
        aiohttp.ClientSession() as session,
    ):
        code, output = await pair(settings, "--device", "phone-1", "--address", HOST)
        assert code == 0, output
        base, token = page_of(output)
        yield Paired(settings, session, PhoneSetup(base, "phone-1", token))


async def pair(settings: Settings, *options: str) -> tuple[int, str]:
    return await run("pair", *options, cwd=settings.state_dir, **as_environment(settings))


async def test_a_paired_phone_is_connected_within_two_seconds(paired: Paired) -> None:
    assert (await paired.get("/pair"))[0] == 200
    assert await paired.last_report() is None
    for app in SOURCES:
        assert await post_of(app, paired.phone, time.time_ns() // 1_000_000).send(paired.session) == 200
        heard_at_s = time.monotonic()
        report = await paired.last_report()
        assert time.monotonic() - heard_at_s < REPORTED_WITHIN_S
        assert report is not None
        assert (report["app"], report["accuracy_m"], report["complaint"]) == (app, ACCURACY_M, None)
        assert report["fix_age_s"] < REPORTED_WITHIN_S + 1  # three of the apps send whole seconds
    pushes = [parse_push(record.value) for record in await read_all(paired.settings, paired.settings.topics.locations)]
    assert [push.source for push in pushes if isinstance(push, Push)] == list(SOURCES)


async def test_a_revoked_phone_can_neither_send_nor_open_its_page(paired: Paired) -> None:
    assert await pair(paired.settings, "--revoke", "phone-1") == (
        0,
        "phone-1 is revoked: the bridge rejects its token\n",
    )
    post = post_of("overland", paired.phone, time.time_ns() // 1_000_000)
    assert await post.send(paired.session) == 401
    status, text = await paired.get("/pair/status")
    assert (status, "geovelocity pair" in text) == (401, True)


async def test_no_log_contains_the_token_or_the_device(paired: Paired) -> None:
    await paired.get("/pair")
    await paired.get("/pair/setup")
    assert await post_of("traccar", paired.phone, time.time_ns() // 1_000_000).send(paired.session) == 200
    (log,) = paired.settings.state_dir.glob("bridge.log")
    text = log.read_text(encoding="utf-8")
    assert "listens" in text
    assert paired.phone.token not in text
    assert "phone-1" not in text


@pytest.mark.timeout(400)
@pytest.mark.skipif(lan_address() is None, reason="this machine is in no network")
@pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="the test reads listening sockets from /proc")
async def test_up_with_lan_opens_the_bridge_only_and_creates_a_key(tmp_path: Path) -> None:
    with reserved_ports() as ports:
        where = {"GEOVELOCITY_PORT_BASE": str(ports.kafka)}
        try:
            code, output = await run("up", "--lan", cwd=tmp_path, **where)
            assert code == 0, output
            assert f"bridge         http://{lan_address()}:{ports.bridge}\n" in output
            found = {address for pid in pids_in(tmp_path) for address in listens_on(pid)}
            assert {port for host, port in found if host == "0.0.0.0"} == {ports.bridge}
            assert {host for host, port in found if port != ports.bridge} <= {HOST, f"IPv6 {MAPPED_LOOPBACK}"}
            code, output = await run("pair", "--device", "phone-1", cwd=tmp_path, **where)
            assert code == 0
            assert output.splitlines()[-1].startswith("  GPSLogger"), output  # and no advice after it
            assert await accepts(PhoneSetup(page_of(output)[0], "phone-1", page_of(output)[1]))
            code, output = await run("doctor", cwd=tmp_path, **where)
            assert "masking keys: own" in output
            assert code == 0, output
        finally:
            await run("down", "--erase", cwd=tmp_path, **where)
    assert not (tmp_path / ".geovelocity" / "local" / "keys").exists()


MAPPED_LOOPBACK = "0000000000000000FFFF00000100007F"


def pids_in(folder: Path) -> list[int]:
    pids = [int(file.read_text()) for file in (folder / ".geovelocity" / "local").glob("*.pid")]
    assert len(pids) > 5
    return pids


async def accepts(phone: PhoneSetup) -> bool:
    """Return True once a phone gets success at the network's address."""
    async with aiohttp.ClientSession() as session:

        async def is_accepted() -> bool:
            return await post_of("owntracks", phone, time.time_ns() // 1_000_000).send(session) == 200

        await until(is_accepted, within_s=10)
    return True
