"""The bridge's HTTP server with every phone app: requests to a listening bridge without a broker."""

import asyncio
import json
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from app.cli.bridge import metrics_of
from sensor_logger_bridge import server
from sensor_logger_bridge.apps.app import App, Request
from sensor_logger_bridge.apps.registry import APPS
from sensor_logger_bridge.devices.last_seen import LastReport
from sensor_logger_bridge.ingest.handler import BROKER_UNAVAILABLE, COARSE_LOCATION, MOCK
from tests.support.bridge import NOON_NS, ListeningBridge, listening, location, message
from tests.support.make import NOON_MS
from tests.support.message import feature, gpslogger, overland, owntracks, traccar_json
from tests.support.recorded_drive import DRIVE, RECEIVED_MS, RECORDINGS, Recording, by_name, compared

UNKNOWN_TOKEN_STATUS = {"sensor-logger": 499, "owntracks": 401, "overland": 401, "traccar": 400, "gpslogger": 401}

STORE_AND_FORWARD = [recording for recording in RECORDINGS if recording.app.name != "sensor-logger"]


@pytest.fixture
async def bridge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ListeningBridge]:
    """Yield a bridge whose clock shows the time of the recorded drive."""
    monkeypatch.setattr(server, "_now_ms", lambda: RECEIVED_MS)
    async with listening(tmp_path) as there:
        yield there


async def send(
    there: ListeningBridge, app: str, sent: Request, *, method: str = "POST", token: str = "", path: str = ""
) -> tuple[int, str, str]:
    """Send a request. Return status, text and media type of the answer."""
    headers = {"Authorization": token or f"Bearer {there.token}"}
    if sent.media_type and sent.body:
        headers["Content-Type"] = sent.media_type
    url = f"{there.url}/{app}{path}?{sent.query}".removesuffix("?")
    async with (
        aiohttp.ClientSession(skip_auto_headers={"Content-Type"}) as session,
        session.request(method, url, data=sent.body or None, headers=headers) as answer,
    ):
        return answer.status, await answer.text(), answer.content_type


@pytest.mark.parametrize("recording", STORE_AND_FORWARD, ids=by_name)
async def test_the_drive_arrives_complete_from_every_app(recording: Recording, bridge: ListeningBridge) -> None:
    for method, sent in recording.requests:
        status, text, media_type = await send(bridge, recording.app.name, sent, method=method)
        assert recording.app.success_response is not None
        assert (status, text, media_type) == (
            200,
            recording.app.success_response.text,
            recording.app.success_response.media_type,
        )
    assert tuple(compared(fix) for push in bridge.publisher.pushes for fix in push.fixes) == DRIVE
    assert {push.source for push in bridge.publisher.pushes} == {recording.app.name}
    assert bridge.bridge.handler.published == {recording.app.name: len(DRIVE)}


@pytest.mark.parametrize("recording", STORE_AND_FORWARD, ids=by_name)
async def test_the_token_may_be_a_password_or_in_the_path(recording: Recording, bridge: ListeningBridge) -> None:
    method, sent = recording.requests[0]
    password = f"Basic {b64encode(f'pat:{bridge.token}'.encode()).decode()}"
    assert (await send(bridge, recording.app.name, sent, method=method, token=password))[0] == 200
    in_path = {"token": "Basic ", "path": f"/{bridge.token}"}
    assert (await send(bridge, recording.app.name, sent, method=method, **in_path))[0] == 200
    assert len(bridge.publisher.pushes) == 2


@pytest.mark.parametrize("app", APPS, ids=by_name)
async def test_an_unknown_token_gets_the_apps_own_status(app: App, bridge: ListeningBridge) -> None:
    status, text, media_type = await send(bridge, app.name, Request(b"{}"), token="x")
    assert (status, media_type) == (UNKNOWN_TOKEN_STATUS[app.name], "text/plain")
    assert text.endswith("enter the new token.")
    assert bridge.bridge.answered == {"unknown-token": 1}


@pytest.mark.parametrize("app", [app for app in APPS if "GET" in app.methods], ids=by_name)
async def test_a_head_request_is_not_a_message(app: App, bridge: ListeningBridge) -> None:
    assert (await send(bridge, app.name, gpslogger(), method="HEAD"))[0] == 405
    assert not bridge.publisher.pushes


@pytest.mark.parametrize("recording", STORE_AND_FORWARD, ids=by_name)
async def test_an_unavailable_broker_makes_an_app_send_again(recording: Recording, bridge: ListeningBridge) -> None:
    bridge.publisher.is_down = True
    method, sent = recording.requests[0]
    assert (await send(bridge, recording.app.name, sent, method=method))[0] == 503
    bridge.publisher.is_down = False
    assert (await send(bridge, recording.app.name, sent, method=method))[0] == 200
    assert (len(bridge.publisher.pushes), bridge.bridge.handler.repeated[recording.app.name]) == (1, 0)


async def test_a_repeated_batch_is_counted_and_published_again(bridge: ListeningBridge) -> None:
    for _ in range(2):
        assert (await send(bridge, "overland", overland(feature(1), feature(2))))[0] == 200
    handler = bridge.bridge.handler
    assert (handler.repeated["overland"], len(bridge.publisher.pushes)) == (1, 2)
    exported = metrics_of(bridge.bridge).text().decode()
    assert 'geovelocity_bridge_repeated_total{source="overland"} 1.0' in exported
    assert 'geovelocity_bridge_fixes_total{source="overland"} 4.0' in exported


async def test_a_gap_in_sensor_loggers_numbers_is_counted(bridge: ListeningBridge) -> None:
    for session, number in (("b1", 1), ("b1", 2), ("b1", 5), ("b2", 0)):
        body = message(location(NOON_NS), sessionId=session, messageId=number)
        assert (await send(bridge, "sensor-logger", Request(body)))[0] == 200
    assert bridge.bridge.handler.missing["sensor-logger"] == 2
    assert 'geovelocity_bridge_missing_total{source="sensor-logger"} 2.0' in metrics_of(bridge.bridge).text().decode()


async def test_mock_positions_are_reported_and_published_as_mock(bridge: ListeningBridge) -> None:
    sent = Request(message(location(NOON_NS, isMock=True)))
    assert await send(bridge, "sensor-logger", sent) == (499, MOCK.text, "text/plain")
    assert (await send(bridge, "traccar", traccar_json(mock=True)))[:2] == (200, "OK")
    assert [push.fixes[0].mock for push in bridge.publisher.pushes] == [True, True]
    assert bridge.bridge.answered == {"mock": 2}


ROUNDED: list[tuple[str, Any]] = [
    ("owntracks", owntracks(lat=40.1, lon=-75.2)),
    ("overland", overland(feature(coordinates=[-75.2, 40.1]))),
    ("traccar", traccar_json({"latitude": 40.1, "longitude": -75.2})),
    ("gpslogger", gpslogger(lat=40.1, lon=-75.2)),
]


@pytest.mark.parametrize(("app", "sent"), ROUNDED, ids=[app for app, _ in ROUNDED])
async def test_rounded_positions_are_dropped_and_reported(app: str, sent: Request, bridge: ListeningBridge) -> None:
    assert (await send(bridge, app, sent))[0] == 200
    assert not bridge.publisher.pushes
    last = bridge.bridge.last_seen.of("phone-1")
    assert last is not None
    assert last.problem is not None
    assert (last.app, last.problem.text, last.at_ms) == (app, COARSE_LOCATION.text, None)


async def test_the_last_report_has_the_newest_fix_and_the_problem(bridge: ListeningBridge) -> None:
    now_s = NOON_MS // 1000
    assert (await send(bridge, "owntracks", owntracks(acc=7)))[0] == 200
    last = bridge.bridge.last_seen.of("phone-1")
    assert last == LastReport("owntracks", RECEIVED_MS, NOON_MS, 7.0)
    bridge.publisher.is_down = True
    await send(bridge, "owntracks", owntracks(tst=now_s + 1))
    last = bridge.bridge.last_seen.of("phone-1")
    assert last is not None
    assert (last.at_ms, last.problem and last.problem.text) == (NOON_MS, BROKER_UNAVAILABLE.text)


async def test_too_many_requests_of_a_phone_get_429(bridge: ListeningBridge) -> None:
    statuses = await asyncio.gather(*[send(bridge, "gpslogger", gpslogger(), method="GET") for _ in range(60)])
    assert {status for status, _, _ in statuses} == {200, 429}
    assert bridge.bridge.answered["too-often"] > 0


async def test_overland_may_send_larger_bodies_than_other_apps(bridge: ListeningBridge) -> None:
    points = overland(*[feature(1, wifi="x" * 400) for _ in range(900)])
    assert len(points.body) > 300_000
    assert (await send(bridge, "overland", points))[:2] == (200, '{"result":"ok"}')
    body = {"_type": "location", "x": "x" * 300_000}
    assert (await send(bridge, "owntracks", Request(json.dumps(body).encode())))[0] == 413


async def test_the_answer_to_an_unknown_token_is_delayed(bridge: ListeningBridge) -> None:
    bridge.bridge._refusal_delay_s = 0.3
    began = time.monotonic()
    assert (await send(bridge, "owntracks", owntracks(), token="x"))[0] == 401
    assert time.monotonic() - began >= 0.3
    began = time.monotonic()
    assert (await send(bridge, "owntracks", owntracks()))[0] == 200
    assert time.monotonic() - began < 0.3


async def test_frequent_readiness_requests_reach_the_broker_once(bridge: ListeningBridge) -> None:
    async with aiohttp.ClientSession() as session:
        for is_down in (False, True):
            bridge.publisher.is_down = is_down
            for _ in range(20):
                async with session.get(f"{bridge.url}/readyz") as answer:
                    assert answer.status == 200
        assert bridge.publisher.availability_checks == 1
        await asyncio.sleep(server.READY_CACHE_S)
        async with session.get(f"{bridge.url}/readyz") as answer:
            assert answer.status == 503
