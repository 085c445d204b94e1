"""The pairing page's answers, from a listening bridge."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from schemas.push import Fix, Push
from sensor_logger_bridge.apps.registry import SOURCES
from sensor_logger_bridge.apps.setup import PhoneSetup
from sensor_logger_bridge.devices.registry import DeviceRegistry
from sensor_logger_bridge.http.rate_limiter import BURST
from sensor_logger_bridge.pairing.page import FILES, PATH, SETUP, STATUS
from tests.support.bridge import ListeningBridge, listening, location, message
from tests.support.paired_phone import ACCURACY_M, LATITUDE, LONGITUDE, post_of


class Page:
    """A browser with the page of `phone-1`."""

    def __init__(self, there: ListeningBridge, session: aiohttp.ClientSession, folder: Path) -> None:
        self.there = there
        self.session = session
        self.devices = DeviceRegistry(folder / "devices.jsonl")

    async def get(self, path: str, token: str | None = None, **headers: str) -> aiohttp.ClientResponse:
        headers["Authorization"] = f"Bearer {self.there.token if token is None else token}"
        answer = await self.session.get(self.there.url + path, headers=headers)
        await answer.read()
        return answer


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    async with listening(tmp_path) as there, aiohttp.ClientSession() as session:
        yield Page(there, session, tmp_path)


@pytest.mark.parametrize("path", FILES)
async def test_the_page_and_its_files_are_for_everybody_under_a_strict_policy(page: Page, path: str) -> None:
    answer = await page.get(path, token="")
    assert answer.status == 200
    assert (answer.content_type, answer.charset) == (FILES[path][1], "utf-8")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("name", ["pairing.html", "pairing.css", "pairing.js"])
async def test_the_page_loads_nothing_external_and_has_no_inline_code(page: Page, name: str) -> None:
    path = next(path for path, (file, _) in FILES.items() if file == name)
    text = (
        (await (await page.get(path)).text())
        .replace("http://www.w3.org/2000/svg", "")
        .replace("begin with http://", "")
    )
    for banned in ("http://", "https://", "//cdn", " style=", "<style", "innerHTML", "@import", "url("):
        assert banned not in text, banned


async def test_only_the_pages_own_files_are_served(page: Page) -> None:
    for path in (f"{PATH}/", f"{PATH}/page.py", f"{PATH}/../devices.jsonl", f"{PATH}/%2e%2e/page.py", f"{PATH}/web"):
        assert (await page.get(path)).status == 404


@pytest.mark.parametrize("path", [SETUP, STATUS])
async def test_an_unknown_token_gets_a_sentence_and_is_counted(page: Page, path: str) -> None:
    for token in ("", "x", page.there.token + "x"):
        answer = await page.get(path, token=token)
        assert answer.status == 401
        assert "geovelocity pair" in await answer.text()
    assert page.there.bridge.answered["unknown-token"] == 3


@pytest.mark.parametrize("path", [SETUP, STATUS])
async def test_a_token_in_the_path_or_the_query_is_ignored(page: Page, path: str) -> None:
    assert (await page.get(f"{path}?token={page.there.token}", token="")).status == 401
    assert (await page.get(f"{path}/{page.there.token}", token="")).status == 404


async def test_the_setup_has_every_app_at_the_requested_address(page: Page) -> None:
    setup = await (await page.get(SETUP, Host="laptop.local:8100")).json()
    assert setup["device"] == "phone-1"
    assert setup["page"]["url"] == f"http://laptop.local:8100/pair#{page.there.token}"
    assert [app["name"] for app in setup["apps"]] == ["sensor-logger", "owntracks", "overland", "traccar", "gpslogger"]
    assert [app["qr"] is None for app in setup["apps"]] == [False, False, False, False, True]
    assert all(any("http://laptop.local:8100/" in value["value"] for value in app["values"]) for app in setup["apps"])
    assert setup["only_here"] is True


async def test_answers_to_the_page_are_not_cached(page: Page) -> None:
    for path in (SETUP, STATUS):
        assert (await page.get(path)).headers["Cache-Control"] == "no-store"


async def test_the_status_is_of_the_tokens_own_device_only(page: Page) -> None:
    other = page.devices.add("phone-2")
    push = Push("phone-1", (Fix(1_000, 48.85, 2.35, horizontal_accuracy_m=5.0),))
    page.there.bridge.last_seen.seen_fixes(push, "overland", 2_000)
    mine = await (await page.get(STATUS)).json()
    assert (mine["device"], mine["heard"]["app"], mine["heard"]["accuracy_m"]) == ("phone-1", "overland", 5.0)
    assert "48.85" not in await (await page.get(STATUS)).text()
    assert await (await page.get(STATUS, token=other)).json() == {"device": "phone-2", "heard": None}


@pytest.mark.parametrize("app", SOURCES)
async def test_a_phone_with_the_shown_setup_is_connected(page: Page, app: str) -> None:
    phone = PhoneSetup(page.there.url, "phone-1", page.there.token)
    now_ms = time.time_ns() // 1_000_000
    assert await post_of(app, phone, now_ms).send(page.session) == 200
    heard = (await (await page.get(STATUS)).json())["heard"]
    assert (heard["app"], heard["accuracy_m"], heard["complaint"]) == (app, ACCURACY_M, None)
    assert heard["fix_age_s"] < 5
    (push,) = page.there.publisher.pushes
    assert (push.device_id, push.fixes[0].latitude, push.fixes[0].longitude) == ("phone-1", LATITUDE, LONGITUDE)


async def test_a_problem_is_shown_on_the_page(page: Page) -> None:
    other = PhoneSetup(page.there.url, "another-device", page.there.token)
    assert await post_of("traccar", other, time.time_ns() // 1_000_000).send(page.session) == 403
    assert "another device" in (await (await page.get(STATUS)).json())["heard"]["complaint"]


async def test_a_revoked_token_is_rejected_at_once(page: Page) -> None:
    assert (await page.get(STATUS)).status == 200
    page.devices.remove("phone-1")
    assert (await page.get(STATUS)).status == 401


async def test_pages_are_rate_limited_apart_from_the_phone(page: Page) -> None:
    answers = await asyncio.gather(*[page.get(STATUS) for _ in range(int(BURST) + 40)])
    assert {answer.status for answer in answers} == {200, 429}
    assert all(answer.headers["Retry-After"] for answer in answers if answer.status == 429)
    body = message(location(time.time_ns()))
    headers = {"Content-Type": "application/json", "Authorization": page.there.token}
    async with page.session.post(f"{page.there.url}/sensor-logger", data=body, headers=headers) as answer:
        assert answer.status == 200


async def test_a_known_token_authenticates_the_connection(page: Page) -> None:
    await page.get(PATH, token="")
    assert (page.there.bridge.connections.unauthenticated_count, page.there.bridge.connections.authenticated_count) == (
        1,
        0,
    )
    await page.get(STATUS)
    assert (page.there.bridge.connections.unauthenticated_count, page.there.bridge.connections.authenticated_count) == (
        0,
        1,
    )
