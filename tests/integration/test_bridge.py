"""The bridge over HTTP, with a real broker."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from app.kafka.topic_reader import read_all
from app.local import runner
from app.provisioning.topics import create_topics
from app.settings import Settings
from deploy.local.process import LocalProcess
from schemas.json.timestamps import format_us
from schemas.push import FIXES_MAX, Fix, Push, parse_push
from sensor_logger_bridge.devices.registry import DeviceRegistry
from sensor_logger_bridge.http.connection_limiter import PER_DEVICE_MAX
from sensor_logger_bridge.http.rate_limiter import BURST
from tests.support.isolation import isolated_broker
from tests.support.message import LATITUDE, LONGITUDE, feature, gpslogger, overland, owntracks, traccar_json
from tests.support.service import running


class Phone:
    """A registered phone and its connection."""

    def __init__(self, session: aiohttp.ClientSession, token: str, bridge: LocalProcess, settings: Settings) -> None:
        host, port = settings.bridge
        self.session = session
        self.url = f"http://{host}:{port}/sensor-logger"
        self.token = token
        self.bridge = bridge
        self.settings = settings

    def body(self, **changes: Any) -> bytes:
        at_ns = time.time_ns()
        values = {"latitude": 40.1234567, "longitude": -75.7654321, "speed": 0.5, "horizontalAccuracy": 4.7}
        message = {
            "messageId": 17,
            "sessionId": "b1",
            "deviceId": "phone-1",
            "payload": [{"name": "location", "time": at_ns, "values": values}],
        }
        return json.dumps(message | changes).encode()

    async def post(
        self, body: bytes | None = None, *, path: str = "", token: str | None = None, **headers: str
    ) -> tuple[int, str]:
        sent = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token if token is None else token}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.post(
            self.url + path, data=self.body() if body is None else body, headers=sent
        ) as answer:
            return answer.status, await answer.text()

    async def published(self) -> list[Push]:
        records = await read_all(self.settings, self.settings.topics.locations)
        pushes = [parse_push(record.value) for record in records]
        assert all(isinstance(push, Push) for push in pushes)
        return [push for push in pushes if isinstance(push, Push)]


@pytest.fixture
async def phone(settings: Settings) -> AsyncIterator[Phone]:
    await create_topics(settings)
    token = DeviceRegistry(settings.bridge_devices_file).add("phone-1")
    async with (
        running(runner.bridge(settings, restart=False), folder=settings.state_dir) as (bridge,),
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=PER_DEVICE_MAX)) as session,
    ):
        yield Phone(session, token, bridge, settings)


async def test_a_position_answered_with_200_is_on_the_topic(phone: Phone) -> None:
    assert await phone.post() == (200, "1 position accepted")
    (push,) = await phone.published()
    assert (push.device_id, push.session_id, push.message_id, push.source) == ("phone-1", "b1", 17, "sensor-logger")
    assert push.fixes[0].latitude == 40.1234567
    (record,) = await read_all(phone.settings, phone.settings.topics.locations)
    assert record.key == b"phone-1"


async def test_a_position_of_any_app_answered_with_200_is_on_the_topic(phone: Phone) -> None:
    now_s = int(time.time())
    timestamp = format_us(now_s * 1_000_000)
    sent = {
        "owntracks": owntracks(tst=now_s),
        "overland": overland(*[feature(timestamp=timestamp)] * FIXES_MAX),
        "traccar": traccar_json(timestamp=timestamp),
        "gpslogger": gpslogger(timestamp=now_s),
    }
    for app, message in sent.items():
        url = f"{phone.url.rpartition('/')[0]}/{app}/{phone.token}?{message.query}"
        headers = {"Content-Type": message.media_type}
        async with phone.session.post(url, data=message.body, headers=headers) as answer:
            assert (app, answer.status) == (app, 200)
    pushes = {push.source: push for push in await phone.published()}
    assert pushes.keys() == sent.keys()
    assert {fix for push in pushes.values() for fix in push.fixes} == {Fix(now_s * 1000, LATITUDE, LONGITUDE)}
    assert len(pushes["overland"].fixes) == FIXES_MAX


async def test_the_token_may_be_alone_or_in_the_path(phone: Phone) -> None:
    assert (await phone.post(Authorization=phone.token))[0] == 200
    assert (await phone.post(path=f"/{phone.token}", Authorization=""))[0] == 200


async def test_the_test_button_gets_an_answer_and_publishes_nothing(phone: Phone) -> None:
    status, text = await phone.post(phone.body(payload=[{"name": "test", "time": time.time_ns(), "values": {}}]))
    assert status == 200
    assert "phone-1" in text
    assert await phone.published() == []


async def test_a_phone_that_sends_too_often_is_rate_limited(phone: Phone) -> None:
    statuses = [status for status, _ in await asyncio.gather(*[phone.post() for _ in range(int(BURST) + 40)])]
    assert set(statuses) == {200, 429}


async def test_a_revoked_token_is_rejected_at_once(phone: Phone) -> None:
    assert (await phone.post())[0] == 200
    DeviceRegistry(phone.settings.bridge_devices_file).remove("phone-1")
    assert (await phone.post())[0] == 499


async def test_an_unavailable_broker_leads_to_503_within_five_seconds(settings: Settings) -> None:
    devices = settings.state_dir / "apart" / "devices.jsonl"
    async with isolated_broker(settings, bridge_devices_file=devices) as broker:
        apart = broker.settings
        await broker.start()
        await create_topics(apart)
        token = DeviceRegistry(devices).add("phone-1")
        async with (
            running(runner.bridge(apart, restart=False), folder=apart.state_dir) as (bridge,),
            aiohttp.ClientSession() as session,
        ):
            phone = Phone(session, token, bridge, apart)
            assert (await phone.post())[0] == 200
            broker.kill()
            began = time.monotonic()
            status, _ = await phone.post()
            assert status == 503
            assert time.monotonic() - began < 5
            await broker.start()
            async with asyncio.timeout(30):
                while (await phone.post())[0] != 200:
                    await asyncio.sleep(0.5)
