"""The MQTT subscriber without a broker: its queue, and the handling of messages."""

import asyncio
import logging
import time
from pathlib import Path

import pytest
from aiomqtt import Message

from sensor_logger_bridge.mqtt import client as mqtt
from sensor_logger_bridge.mqtt.address import MqttAddress
from sensor_logger_bridge.mqtt.client import MessageQueue, MqttBroker, MqttSubscriber
from tests.support.bad_inputs import CANARY, shows_canary
from tests.support.bridge import ListeningBridge, location, message
from tests.support.tasks import run_other_tasks

NOWHERE = MqttBroker(MqttAddress("tcp", tls=False, host="127.0.0.1", port=1))


async def test_the_oldest_message_leaves_the_queue_first() -> None:
    queue = MessageQueue()
    assert all(queue.put_nowait(token, b"x") for token in "abc")
    assert [(await queue.get())[0] for _ in "abc"] == ["a", "b", "c"]


async def test_a_full_queue_rejects_messages_until_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "QUEUED_MAX", 2)
    queue = MessageQueue()
    assert [queue.put_nowait("a", b"x") for _ in range(3)] == [True, True, False]
    await queue.get()
    assert queue.put_nowait("a", b"x")


async def test_the_queue_limits_the_bytes_of_its_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "QUEUED_BYTES_MAX", 10)
    queue = MessageQueue()
    assert [queue.put_nowait("a", b"x" * size) for size in (6, 5, 4)] == [True, False, True]


class Offline:
    """A subscriber without a broker, whose messages a test passes by hand."""

    def __init__(self, folder: Path) -> None:
        self.there = ListeningBridge(folder)
        self.subscriber = MqttSubscriber(self.there.bridge.handler, NOWHERE)

    def receive(self, body: bytes, token: str | None = None) -> None:
        topic = f"sensor-logger/{self.there.token if token is None else token}"
        self.subscriber._receive(Message(topic, body, 0, False, 1, None))

    async def settle(self) -> None:
        """Run the workers until every usable message is handled."""
        workers = [asyncio.create_task(self.subscriber._work()) for _ in range(4)]
        await run_other_tasks()
        for task in workers:
            task.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


@pytest.fixture
def offline(tmp_path: Path) -> Offline:
    return Offline(tmp_path)


def good(number: int = 1) -> bytes:
    return message(location(time.time_ns()), messageId=number)


async def test_a_message_is_handled_as_over_http(offline: Offline) -> None:
    offline.receive(good())
    await offline.settle()
    (push,) = offline.there.publisher.pushes
    assert (push.device_id, push.source, push.message_id) == ("phone-1", "sensor-logger", 1)
    assert offline.there.bridge.answered == {"ok": 1}
    last = offline.there.bridge.last_seen.of("phone-1")
    assert last is not None
    assert last.problem is None


UNUSABLE = [
    ("unknown token", good(), "x", "unknown-token"),
    ("no token", good(), "", "unknown-token"),
    ("a card for a token", good(), CANARY, "unknown-token"),
    ("another device", message(location(), deviceId="phone-2"), None, "foreign-device"),
    ("no JSON", b"{" + CANARY.encode(), None, "not-json"),
    ("nothing", b"", None, "empty"),
    ("too large", b" " * (256 * 1024 + 1), None, "too-large"),
    ("a wrong clock", message(location()), None, "wrong-clock"),
]


@pytest.mark.parametrize(("name", "body", "token", "code"), UNUSABLE, ids=[row[0] for row in UNUSABLE])
async def test_an_unusable_message_is_counted_and_not_quoted(
    name: str, body: bytes, token: str | None, code: str, offline: Offline, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    offline.receive(body, token)
    await offline.settle()
    assert offline.there.bridge.answered == {code: 1}, name
    assert not offline.there.publisher.pushes
    assert not shows_canary(caplog.text)
    assert offline.there.token not in caplog.text


async def test_a_phone_that_sends_too_often_is_rate_limited(offline: Offline) -> None:
    for number in range(60):
        offline.receive(good(number))
    await offline.settle()
    assert offline.there.bridge.answered["too-often"] > 0
    assert len(offline.there.publisher.pushes) == offline.there.bridge.answered["ok"] >= 50


async def test_messages_queue_for_kafka_up_to_the_limit(offline: Offline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "QUEUED_MAX", 3)
    monkeypatch.setattr(mqtt, "KAFKA_RETRY_S", 0.0)
    offline.there.publisher.is_down = True
    for number in range(5):
        offline.receive(good(number))
    assert offline.there.bridge.answered == {"no-room": 2}
    workers = [asyncio.create_task(offline.subscriber._work()) for _ in range(4)]
    await run_other_tasks()
    assert not offline.there.publisher.pushes
    offline.there.publisher.is_down = False
    await run_other_tasks()
    for task in workers:
        task.cancel()
    assert {push.message_id for push in offline.there.publisher.pushes} == {0, 1, 2}


async def test_an_error_in_one_message_does_not_stop_the_others(
    offline: Offline, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    publish = offline.there.publisher.publish

    async def broken(_push: object) -> None:
        monkeypatch.setattr(offline.there.publisher, "publish", publish)
        raise RuntimeError(CANARY)

    monkeypatch.setattr(offline.there.publisher, "publish", broken)
    offline.receive(good(1))
    offline.receive(good(2))
    await offline.settle()
    assert [push.message_id for push in offline.there.publisher.pushes] == [2]
    assert [record.getMessage() for record in caplog.records] == ["cannot handle a message: RuntimeError"]
