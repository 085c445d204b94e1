"""The MQTT subscriber while no broker listens."""

import asyncio
import logging
from pathlib import Path

import pytest

from sensor_logger_bridge.mqtt.address import MqttAddress
from sensor_logger_bridge.mqtt.client import MqttBroker, MqttSubscriber
from tests.support.bridge import ListeningBridge

NOWHERE = MqttBroker(MqttAddress("tcp", tls=False, host="127.0.0.1", port=1))


async def test_an_unavailable_broker_is_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    subscriber = MqttSubscriber(ListeningBridge(tmp_path).bridge.handler, NOWHERE)
    running = asyncio.create_task(subscriber.run())
    async with asyncio.timeout(10):
        while not caplog.records:
            await asyncio.sleep(0.05)
    await asyncio.sleep(2)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    (record,) = caplog.records
    assert record.getMessage().startswith("the MQTT broker is unavailable (")
    assert record.getMessage().endswith("retrying; messages that phones send over MQTT do not arrive")
    assert not subscriber.is_connected
