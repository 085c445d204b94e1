"""Sensor Logger over MQTT with TCP and websockets, between real brokers."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import aiomqtt
import pytest

from app.kafka.topic_reader import read_all
from app.local import runner
from app.provisioning.topics import create_topics
from app.settings import Settings
from deploy.local.ports import HOST
from deploy.local.process import LocalProcess
from schemas.push import Push, parse_push
from sensor_logger_bridge.devices.registry import DeviceRegistry
from tests.support.bridge import location, message
from tests.support.mqtt import PASSWORD, USER, MqttPorts, mqtt_broker
from tests.support.scrape import ask, series, total
from tests.support.service import changed, running, until

TRANSPORTS = ["tcp", "websockets"]


@pytest.fixture
def ports(settings: Settings) -> MqttPorts:
    base = settings.port_base or 0
    return MqttPorts(base + 17, base + 18)


def with_mqtt(settings: Settings, ports: MqttPorts, transport: str, **login: str) -> Settings:
    return changed(settings, bridge_mqtt_url=ports.url(transport, **login))


@asynccontextmanager
async def phone(ports: MqttPorts, transport: str) -> AsyncIterator[aiomqtt.Client]:
    """Yield the connection of a Sensor Logger phone."""
    port = ports.tcp if transport == "tcp" else ports.websockets
    kind: Literal["tcp", "websockets"] = "tcp" if transport == "tcp" else "websockets"
    async with aiomqtt.Client(HOST, port, transport=kind, username=USER, password=PASSWORD) as client:
        yield client


async def pushes(settings: Settings) -> list[Push]:
    read = [parse_push(record.value) for record in await read_all(settings, settings.topics.locations)]
    return [push for push in read if isinstance(push, Push)]


async def is_connected(settings: Settings) -> bool:
    return await metric(settings, "geovelocity_bridge_mqtt_up") == 1


async def metric(settings: Settings, name: str, **labels: str) -> float:
    _, text = await ask(settings.ports.bridge_metrics, "/metrics")
    return total(series(text), name, **labels)


def body(number: int) -> bytes:
    return message(location(time.time_ns()), messageId=number)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_push_over_mqtt_is_on_the_topic(settings: Settings, ports: MqttPorts, transport: str) -> None:
    settings = with_mqtt(settings, ports, transport)
    await create_topics(settings)
    token = DeviceRegistry(settings.bridge_devices_file).add("phone-1")
    folder = settings.state_dir
    async with running(mqtt_broker(folder, ports), runner.bridge(settings, restart=False), folder=folder) as (
        _,
        bridge,
    ):
        await until(lambda: is_connected(settings))
        async with phone(ports, transport) as client:
            for number in range(5):
                await client.publish(f"sensor-logger/{token}", body(number))
            await client.publish("sensor-logger/nobody", body(9))
            await client.publish(f"elsewhere/{token}", body(10))

            async def all_there() -> bool:
                return len(await pushes(settings)) >= 5

            await until(all_there)
        found = await pushes(settings)
        assert sorted(push.message_id or 0 for push in found) == list(range(5))
        assert {(push.device_id, push.source) for push in found} == {("phone-1", "sensor-logger")}
        await until(lambda: _counted(settings, "unknown-token"))
        assert token not in bridge.log.read_text()


async def _counted(settings: Settings, code: str) -> bool:
    return await metric(settings, "geovelocity_bridge_answers_total", code=code) == 1


async def test_the_bridge_reconnects_to_an_mqtt_broker(settings: Settings, ports: MqttPorts) -> None:
    settings = with_mqtt(settings, ports, "tcp")
    await create_topics(settings)
    token = DeviceRegistry(settings.bridge_devices_file).add("phone-1")
    folder = settings.state_dir
    async with running(runner.bridge(settings, restart=False), folder=folder) as (bridge,):
        assert not await is_connected(settings)
        for number in range(2):
            async with running(mqtt_broker(folder, ports), folder=folder):
                await until(lambda: is_connected(settings))
                await _publish_over_mqtt(settings, ports, token, number)
            await until(lambda: _is_disconnected(settings))
        assert bridge.running
        log = bridge.log.read_text()
        assert (log.count("the MQTT broker is unavailable"), log.count("subscribed at the MQTT broker")) == (3, 2)


async def _is_disconnected(settings: Settings) -> bool:
    return not await is_connected(settings)


async def _publish_over_mqtt(settings: Settings, ports: MqttPorts, token: str, number: int) -> None:
    async with phone(ports, "tcp") as client:
        await client.publish(f"sensor-logger/{token}", body(number))

        async def is_there() -> bool:
            return number in [push.message_id for push in await pushes(settings)]

        await until(is_there)


async def test_a_wrong_login_is_logged_and_the_bridge_keeps_running(settings: Settings, ports: MqttPorts) -> None:
    settings = with_mqtt(settings, ports, "tcp", password="wrong-password")
    await create_topics(settings)
    folder = settings.state_dir
    async with running(mqtt_broker(folder, ports), runner.bridge(settings, restart=False), folder=folder) as (
        _,
        bridge,
    ):

        async def is_logged() -> bool:
            return "the MQTT broker is unavailable" in bridge.log.read_text()

        await until(is_logged)
        assert "wrong-password" not in bridge.log.read_text()
        assert await _answers(bridge, settings)


async def _answers(bridge: LocalProcess, settings: Settings) -> bool:
    return bridge.running and not await is_connected(settings)
