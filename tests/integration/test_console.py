"""The console's server with a real broker: every case of the topic reaches the page exactly once."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest

from app.provisioning.topics import create_topics
from app.settings import Settings
from deploy.local.process import LocalProcess
from schemas.verdict import Outcome, encode_verdict
from tests.support.console_fixture import DEVICE, console_url, erase_device, id_of, publish, running_console, suspect
from tests.support.events import open_event_page
from tests.support.make import verdict
from tests.support.service import producer, send

OTHER = "device_k1_" + "B" * 52


@pytest.fixture
async def console(settings: Settings) -> AsyncIterator[LocalProcess]:
    await create_topics(settings)
    async with running_console(settings) as process:
        yield process


@pytest.mark.usefixtures("console")
async def test_a_suspect_reaches_the_page_within_two_seconds_and_is_updated(settings: Settings) -> None:
    loop = asyncio.get_running_loop()
    async with open_event_page(console_url(settings)) as seen:
        assert (await seen.next_event()).data == {"high_value": {"amount": 1000.0, "window_s": 3600}, "keeps": 500}
        assert (await seen.next_event()).data == {"cases": []}
        for revision in (1, 2):
            began_s = loop.time()
            await publish(settings, suspect(1, revision))
            await seen.wait_for_cases(id_of(1), revision=revision)
            assert loop.time() - began_s < 2.0
        assert seen.shown[id_of(1)] == json.loads(suspect(1, 2))
        await publish(settings, suspect(1, 3, verdict=Outcome.CLEAR))
        await seen.wait_for_cases(id_of(1), revision=3)
        assert seen.received_revisions() == [(id_of(1), 1), (id_of(1), 2), (id_of(1), 3)]


@pytest.mark.usefixtures("console")
async def test_the_statistics_count_all_payments_and_top_cardholders(settings: Settings) -> None:
    clear = [encode_verdict(verdict(number)) for number in range(10, 28)]
    unknown = encode_verdict(verdict(28, verdict=Outcome.NOT_EVALUABLE))
    await send(settings, settings.topics.verdicts, *[("phone-2", value) for value in (*clear, unknown)])
    await publish(settings, suspect(1, amount="1700.00"))
    await publish(settings, suspect(1, 2, amount="1700.00"))
    async with open_event_page(console_url(settings)) as seen:
        await seen.wait_for_cases(id_of(1))
        async with asyncio.timeout(20):
            pulse = (await seen.wait_for("pulse")).data
            while (pulse["payments_per_s"], pulse["suspects_per_min"]) != (2.0, 1):
                pulse = (await seen.wait_for("pulse")).data  # the records may span several polls and seconds
    assert pulse["not_evaluable_share"] == 0.05
    assert (pulse["judged"], pulse["suspects"]) == (20, 1)
    top = {"user_token": "user_k1_A", "payments": 1, "amount": "1700.00", "currency": "USD"}
    assert pulse["people"] == {"count": 1, "amount": 1000.0, "top": [top]}
    assert pulse["lag"] is None, "there is no detector"


@pytest.mark.usefixtures("console")
async def test_an_unusable_resume_token_is_answered_with_a_snapshot(settings: Settings) -> None:
    await publish(settings, suspect(1))
    for token in ("v9.9.9.9", "v0.0", "0", "x", "v" + "9" * 300):
        async with open_event_page(console_url(settings), cursor=token) as seen:
            assert (await seen.next_event()).name == "hello"
            assert (await seen.next_event()).name == "snapshot"
            await seen.wait_for_cases(id_of(1))


@pytest.mark.usefixtures("console")
async def test_an_erased_device_disappears_from_every_page_and_the_server(settings: Settings) -> None:
    await publish(settings, suspect(1), suspect(2), key="phone-1")
    await publish(settings, suspect(3, device_token=OTHER), key="phone-2")
    async with open_event_page(console_url(settings)) as seen:
        await seen.wait_for_cases(*map(id_of, (1, 2, 3)))
        await erase_device(settings, DEVICE, key="phone-1")
        assert (await seen.wait_for("gone")).data == {"device_tokens": [DEVICE]}
        assert list(seen.shown) == [id_of(3)]
        await publish(settings, suspect(4), key="phone-1")
        await seen.wait_for_cases(id_of(4))
    async with open_event_page(console_url(settings)) as later:
        await later.wait_for_cases(id_of(4))
        assert later.shown.keys() == {id_of(3), id_of(4)}


@pytest.mark.usefixtures("console")
async def test_a_page_that_reconnects_receives_the_erasures_it_missed(settings: Settings) -> None:
    await publish(settings, suspect(1), key="phone-1")
    async with open_event_page(console_url(settings)) as seen:
        await seen.wait_for_cases(id_of(1))
        await seen.wait_for("pulse")
    await erase_device(settings, DEVICE, key="phone-1")
    await publish(settings, suspect(2), key="phone-1")
    async with open_event_page(console_url(settings)) as other:
        await other.wait_for_cases(id_of(2))
    async with open_event_page(console_url(settings), cursor=seen.cursor) as again:
        again.shown = dict(seen.shown)
        await again.wait_for_cases(id_of(2))
        assert again.shown.keys() == {id_of(2)}


@pytest.mark.usefixtures("console")
async def test_a_slow_page_delays_no_other_and_receives_a_summary(settings: Settings) -> None:
    """The skipped events are counted when the page reads again. Meanwhile the other page gets a pulse every second."""
    host, port = settings.api
    loop = asyncio.get_running_loop()
    with socket.socket() as idle:
        idle.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        idle.connect((host, port))
        idle.sendall(f"GET /api/stream HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        idle.setblocking(False)
        async with open_event_page(console_url(settings)) as seen:
            flooding = asyncio.create_task(flood(settings, seconds=15, per_s=200))
            waits_s = []
            while not flooding.done():
                began_s = loop.time()
                await seen.wait_for("pulse")
                waits_s.append(loop.time() - began_s)
            await flooding
        assert len(seen.received_revisions()) > 500
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
    """Write `per_s` different suspects per second."""
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
