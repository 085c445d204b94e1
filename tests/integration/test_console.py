"""The console's server beside a real broker: what is on the topic is on the page, once, whatever happens between."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from app import local
from app.api.users import Role, Users
from app.provision import create_topics
from app.settings import Settings
from deploy.local import kafka
from deploy.local.ports import reserved_ports
from deploy.local.process import Process
from deploy.local.stack import Stack
from schemas.erasure import Erasure, encode_erasure
from schemas.verdict import Outcome, encode_verdict
from tests.support.events import page
from tests.support.make import verdict
from tests.support.service import changed, producer, running, send

DEVICE = "device_k1_" + "A" * 52
OTHER = "device_k1_" + "B" * 52


def suspect(number: int, revision: int = 1, **changes: Any) -> bytes:
    fields = {"verdict": Outcome.SUSPECT, "revision": revision, "risk": number % 100, "device_token": DEVICE}
    return encode_verdict(verdict(number, **fields | changes))


def id_of(number: int) -> str:
    return verdict(number).id


async def publish(settings: Settings, *values: bytes, key: str = "phone-1") -> None:
    """On both topics, as the detector does."""
    for topic in (settings.topics.verdicts, settings.topics.suspects):
        await send(settings, topic, *((key, value) for value in values))


async def forget(settings: Settings, device_token: str, key: str) -> None:
    erasure = Erasure(
        device_tokens=(device_token,), request=0, forgotten_at="2026-11-21T12:00:00.000Z", rows=1, open_payments=0
    )
    await publish(settings, encode_erasure(erasure), key=key)  # the detector names the partition of the key


@asynccontextmanager
async def consoled(settings: Settings) -> AsyncIterator[Process]:
    async with running(local.api(settings, restart=False), folder=settings.state_dir) as (process,):
        yield process


@pytest.fixture
async def console(settings: Settings) -> AsyncIterator[Process]:
    await create_topics(settings)
    async with consoled(settings) as process:
        yield process


def url(settings: Settings) -> str:
    host, port = settings.api
    return f"http://{host}:{port}"


@pytest.mark.usefixtures("console")
async def test_a_suspect_is_on_the_page_within_two_seconds_and_changes_in_place(settings: Settings) -> None:
    loop = asyncio.get_running_loop()
    async with page(url(settings)) as seen:
        assert (await seen.hear()).data == {"high_value": {"amount": 1000.0, "window_s": 3600}, "keeps": 500}
        assert (await seen.hear()).data == {"cases": []}
        for revision in (1, 2):
            began_s = loop.time()
            await publish(settings, suspect(1, revision))
            await seen.hear_of(id_of(1), revision=revision)
            assert loop.time() - began_s < 2.0
        assert seen.shown[id_of(1)] == json.loads(suspect(1, 2))
        await publish(settings, suspect(1, 3, verdict=Outcome.CLEAR))
        await seen.hear_of(id_of(1), revision=3)
        assert seen.told() == [(id_of(1), 1), (id_of(1), 2), (id_of(1), 3)]


@pytest.mark.usefixtures("console")
async def test_the_pulse_counts_all_payments_and_whoever_has_suspects_of_high_value(settings: Settings) -> None:
    clear = [encode_verdict(verdict(number)) for number in range(10, 28)]
    unknown = encode_verdict(verdict(28, verdict=Outcome.NOT_EVALUABLE))
    await send(settings, settings.topics.verdicts, *[("phone-2", value) for value in (*clear, unknown)])
    await publish(settings, suspect(1, amount="1700.00"))
    await publish(settings, suspect(1, 2, amount="1700.00"))
    async with page(url(settings)) as seen:
        await seen.hear_of(id_of(1))
        async with asyncio.timeout(20):
            while (pulse := (await seen.hear_until("pulse")).data)["payments_per_s"] == 0:
                pass
    assert pulse["payments_per_s"] == 2.0
    assert (pulse["suspects_per_min"], pulse["not_evaluable_share"]) == (1, 0.05)
    assert (pulse["judged"], pulse["suspects"]) == (20, 1)
    who = {"user_token": "user_k1_A", "payments": 1, "amount": "1700.00", "currency": "USD"}
    assert pulse["people"] == {"count": 1, "amount": 1000.0, "top": [who]}
    assert pulse["lag"] is None, "there is no detector"


async def test_a_page_comes_back_to_a_server_that_was_stopped_and_has_everything_once(settings: Settings) -> None:
    await create_topics(settings)
    keys = [f"phone-{number}" for number in range(8)]
    async with consoled(settings), page(url(settings)) as seen:
        for number, key in enumerate(keys):
            await publish(settings, suspect(number), key=key)
        await seen.hear_of(*map(id_of, range(8)))
        await seen.hear_until("pulse")
    before = seen.told()
    assert sorted(before) == [(id_of(number), 1) for number in range(8)]
    for number, key in enumerate(keys[:3]):
        await publish(settings, suspect(number, 2), suspect(100 + number), key=key)
    async with consoled(settings):
        await publish(settings, suspect(200), key="phone-9")
        async with page(url(settings), cursor=seen.cursor) as again:
            await again.hear_of(*map(id_of, (100, 101, 102, 200)))
            await again.hear_until("pulse")
            await publish(settings, suspect(201), key="phone-9")
            await again.hear_of(id_of(201))
    assert [one.name for one in again.heard].count("snapshot") == 0
    missed = [
        *((id_of(number), 2) for number in range(3)),
        *((id_of(number), 1) for number in (100, 101, 102, 200, 201)),
    ]
    assert sorted(again.told()) == sorted(missed)


@pytest.mark.usefixtures("console")
async def test_a_cursor_of_another_topic_is_answered_with_everything(settings: Settings) -> None:
    await publish(settings, suspect(1))
    for cursor in ("v9.9.9.9", "v0.0", "0", "x", "v" + "9" * 300):
        async with page(url(settings), cursor=cursor) as seen:
            assert (await seen.hear()).name == "hello"
            assert (await seen.hear()).name == "snapshot"
            await seen.hear_of(id_of(1))


@pytest.mark.usefixtures("console")
async def test_a_forgotten_device_vanishes_from_every_page_and_from_the_server(settings: Settings) -> None:
    await publish(settings, suspect(1), suspect(2), key="phone-1")
    await publish(settings, suspect(3, device_token=OTHER), key="phone-2")
    async with page(url(settings)) as seen:
        await seen.hear_of(*map(id_of, (1, 2, 3)))
        await forget(settings, DEVICE, key="phone-1")
        assert (await seen.hear_until("gone")).data == {"device_tokens": [DEVICE]}
        assert list(seen.shown) == [id_of(3)]
        await publish(settings, suspect(4), key="phone-1")
        await seen.hear_of(id_of(4))
    async with page(url(settings)) as later:
        await later.hear_of(id_of(4))
        assert later.shown.keys() == {id_of(3), id_of(4)}


@pytest.mark.usefixtures("console")
async def test_a_page_that_was_away_hears_of_what_was_forgotten_meanwhile(settings: Settings) -> None:
    await publish(settings, suspect(1), key="phone-1")
    async with page(url(settings)) as seen:
        await seen.hear_of(id_of(1))
        await seen.hear_until("pulse")
    await forget(settings, DEVICE, key="phone-1")
    await publish(settings, suspect(2), key="phone-1")
    async with page(url(settings)) as other:
        await other.hear_of(id_of(2))
    async with page(url(settings), cursor=seen.cursor) as again:
        again.shown = dict(seen.shown)
        await again.hear_of(id_of(2))
        assert again.shown.keys() == {id_of(2)}


@pytest.mark.usefixtures("console")
async def test_a_page_that_does_not_read_slows_no_other_and_is_told_in_short(settings: Settings) -> None:
    """What it missed is counted when it reads again; meanwhile the other hears its pulse every second."""
    host, port = settings.api
    loop = asyncio.get_running_loop()
    with socket.socket() as idle:
        idle.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        idle.connect((host, port))
        idle.sendall(f"GET /api/stream HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        idle.setblocking(False)
        async with page(url(settings)) as seen:
            flooding = asyncio.create_task(flood(settings, seconds=15, per_s=200))
            waits_s = []
            while not flooding.done():
                began_s = loop.time()
                await seen.hear_until("pulse")
                waits_s.append(loop.time() - began_s)
            await flooding
        assert len(seen.told()) > 500
        assert sorted(waits_s)[len(waits_s) // 2] < 1.2
        assert max(waits_s) < 3.0
        assert "geovelocity_console_skipped_total 0.0" in await metrics(settings)
        async with asyncio.timeout(20):
            while "geovelocity_console_skipped_total 0.0" in await metrics(settings):
                with contextlib.suppress(BlockingIOError):
                    while idle.recv(1 << 20):
                        pass
                await asyncio.sleep(0.05)


async def flood(settings: Settings, seconds: int, per_s: int) -> None:
    """So many suspects a second, each another one."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    async with producer(settings) as opened:
        for tick in range(seconds * 10):
            await asyncio.sleep(max(0.0, began_s + tick / 10 - loop.time()))
            for number in range(per_s // 10):
                value = suspect(1000 + tick * per_s // 10 + number)
                await opened.send(settings.topics.suspects, value, key=b"phone-%d" % number)


async def metrics(settings: Settings) -> str:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{settings.ports.api_health}/metrics") as answer,
    ):
        return await answer.text()


async def test_without_login_nobody_hears_anything_and_whoever_is_removed_hears_no_more(
    settings: Settings, tmp_path: Any
) -> None:
    guarded = changed(settings, mode="production", keys="k9:" + "QUJD" * 16, api_users_file=tmp_path / "users.jsonl")
    await create_topics(guarded)
    users = Users(guarded.api_users_file)
    token = users.add("pat", Role.VIEWER)
    async with consoled(guarded), aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        for path in ("/api/stream", "/api/me", "/api/cases"):
            async with session.get(url(guarded) + path) as answer:
                assert answer.status == 401
        async with session.post(url(guarded) + "/api/login", json={"token": token}) as answer:
            assert answer.status == 204
            cookie = answer.cookies["geovelocity"].value
        async with session.post(url(guarded) + "/api/alerts/test", json={}) as answer:
            assert answer.status == 403
        async with page(url(guarded), geovelocity=cookie) as seen:
            await seen.hear_until("snapshot")
            users.remove("pat")
            with pytest.raises(EOFError):
                await seen.hear_until("nothing of the kind", within_s=30)
        async with session.get(url(guarded) + "/api/me") as answer:
            assert answer.status == 401


@pytest.mark.timeout(300)
async def test_a_broker_that_dies_and_comes_back_is_waited_for_and_nothing_is_lost(settings: Settings) -> None:
    folder = settings.state_dir / "apart"
    with reserved_ports() as ports:
        apart = changed(settings, port_base=ports.kafka, state_dir=folder)
        async with Stack(folder, ports) as stack:
            await stack.start_servers([kafka.command])
            await create_topics(apart)
            async with consoled(apart) as server, page(url(apart)) as seen:
                await publish(apart, suspect(1))
                await seen.hear_of(id_of(1))
                stack.processes["kafka"].kill()
                while await ready(apart) != 503:
                    await seen.hear_until("pulse")
                await stack.start_servers([kafka.command])
                await publish(apart, suspect(2))
                await seen.hear_of(id_of(2), within_s=60)
                while await ready(apart) != 200:
                    await seen.hear_until("pulse")
                assert server.alive
    assert seen.told() == [(id_of(1), 1), (id_of(2), 1)]


async def ready(settings: Settings) -> int:
    async with aiohttp.ClientSession() as session, session.get(url(settings) + "/readyz") as answer:
        return answer.status
