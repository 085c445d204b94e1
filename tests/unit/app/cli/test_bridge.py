"""Metrics of `geovelocity bridge`."""

import asyncio
from pathlib import Path

import pytest
from aiomqtt import Message

from app.cli.bridge import metrics_of
from sensor_logger_bridge.mqtt.address import MqttAddress
from sensor_logger_bridge.mqtt.client import MqttBroker, Subscriber
from sensor_logger_bridge.server import Bridge
from tests.support.bridge import ListeningBridge

NOWHERE = MqttBroker(MqttAddress("tcp", tls=False, host="127.0.0.1", port=1))


class Heard:
    """A subscriber that is told messages by hand."""

    def __init__(self, folder: Path) -> None:
        self.there = ListeningBridge(folder)
        self.subscriber = Subscriber(self.there.bridge.handler, NOWHERE)

    def say(self, body: bytes, token: str | None = None) -> None:
        topic = f"sensor-logger/{self.there.token if token is None else token}"
        self.subscriber._receive(Message(topic, body, 0, False, 1, None))

    async def settle(self) -> None:
        """Until everything that can be taken is."""
        working = [asyncio.create_task(self.subscriber._work()) for _ in range(4)]
        await asyncio.sleep(0.05)
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)


@pytest.fixture
def heard(tmp_path: Path) -> Heard:
    return Heard(tmp_path)


def test_a_metric_shows_whether_the_mqtt_subscriber_is_connected(heard: Heard) -> None:
    def told(bridge: Bridge, subscriber: Subscriber | None) -> bool:
        return "geovelocity_bridge_mqtt_up 1.0" in metrics_of(bridge, subscriber).text().decode()

    assert not told(heard.there.bridge, None)
    assert not told(heard.there.bridge, heard.subscriber)
    heard.subscriber._report_connection("")
    assert told(heard.there.bridge, heard.subscriber)
