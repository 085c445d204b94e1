"""`geovelocity bridge`: accept positions from phones."""

import asyncio
import logging.config
import resource
import signal
from typing import Final

import click
from aiohttp import web

from app.errors import ConfigurationError
from app.kafka.client import client_options, translate_error
from app.observability.bridge_metrics import (
    BRIDGE_ANSWERS,
    BRIDGE_CONNECTIONS,
    BRIDGE_FIXES,
    BRIDGE_MISSING,
    BRIDGE_MQTT_UP,
    BRIDGE_REPEATED,
    BRIDGE_SHOWN_OUT,
    BRIDGE_SKIPPED,
)
from app.observability.health import metrics_handler, serve_health
from app.observability.logs import logging_config
from app.observability.registry import MetricsRegistry
from app.settings import Settings, read_settings
from sensor_logger_bridge.apps.registry import SOURCES
from sensor_logger_bridge.devices.registry import DeviceRegistry, DevicesFileError
from sensor_logger_bridge.http.connection_limiter import EvictionReason
from sensor_logger_bridge.http.response_codes import RESPONSE_CODES
from sensor_logger_bridge.mqtt.client import MqttBroker, MqttSubscriber
from sensor_logger_bridge.publisher import BrokerUnavailableError, Publisher
from sensor_logger_bridge.server import Bridge, serve

log = logging.getLogger(__name__)

OTHER_OPEN_FILES: Final = 64
"""File descriptors besides the phones' connections: brokers, log, device file."""


@click.command("bridge")
def command() -> None:
    """Accept positions from phones over HTTP and MQTT, and publish them on the `locations` topic."""
    settings = read_settings()
    logging.config.dictConfig(logging_config(settings.log_level))
    asyncio.run(run(settings))


async def run(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Raises:
        UnavailableError: no broker answers.
        ConfigurationError: Kafka rejects the credentials, the port is in use, the device file is broken, or the limit
            of open files is too low.
    """
    _raise_file_limit(settings.bridge_connections_max)
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    publisher = Publisher(client_options(settings), settings.topics.locations)
    bridge = Bridge(_devices(settings), publisher, settings.bridge_connections_max, public_url=settings.public_url)
    subscriber = _subscriber(bridge, settings)
    runners = (
        []
        if settings.health_port is None
        else [
            await serve_health(
                settings.health_port, {"/metrics": metrics_handler(lambda: metrics_of(bridge, subscriber))}
            )
        ]
    )
    tasks: list[asyncio.Task[object]] = []
    try:
        await _start(publisher, settings)
        runners.append(await _listen(bridge, *settings.bridge))
        tasks = [asyncio.create_task(run()) for run in (stopped.wait, *([subscriber.run] if subscriber else []))]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        log.info("bridge stopping; answers by code: %s", dict(bridge.answered))
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*[runner.cleanup() for runner in runners])
        await publisher.stop()


def _subscriber(bridge: Bridge, settings: Settings) -> MqttSubscriber | None:
    if settings.mqtt is None:
        return None
    return MqttSubscriber(
        bridge.handler, MqttBroker(settings.mqtt, settings.bridge_mqtt_topic, settings.bridge_mqtt_ca_file)
    )


async def _start(publisher: Publisher, settings: Settings) -> None:
    try:
        await publisher.start()
    except BrokerUnavailableError as error:
        raise await translate_error(settings, str(error)) from None


async def _listen(bridge: Bridge, host: str, port: int) -> web.AppRunner:
    try:
        runner = await serve(bridge, host, port)
    except OSError as error:
        raise ConfigurationError(
            f"the bridge cannot listen on {host}:{port} ({error.strerror}): "
            "stop the process that uses the port, or set GEOVELOCITY_BRIDGE_PORT"
        ) from None
    log.info("bridge listens on port %d", port)
    return runner


def _raise_file_limit(connections_max: int) -> None:
    """Allow a file descriptor for each connection. Without one, the server can accept no connection at all."""
    wanted = connections_max + OTHER_OPEN_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        if hard != resource.RLIM_INFINITY and hard < wanted:
            raise ConfigurationError(
                f"{connections_max} connections need more files than this process may open ({hard}): "
                "raise the limit (ulimit -Hn) or lower GEOVELOCITY_BRIDGE_CONNECTIONS_MAX"
            )
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def metrics_of(bridge: Bridge, subscriber: MqttSubscriber | None = None) -> MetricsRegistry:
    """Return the counters since the start. Codes that were never answered have the value zero."""
    metrics = MetricsRegistry()
    for code in {*RESPONSE_CODES, *bridge.answered}:
        metrics.add(BRIDGE_ANSWERS, bridge.answered[code], code=code)
    for source in SOURCES:
        metrics.add(BRIDGE_FIXES, bridge.handler.published[source], source=source)
        metrics.add(BRIDGE_SKIPPED, bridge.handler.skipped[source], source=source)
        metrics.add(BRIDGE_REPEATED, bridge.handler.repeated[source], source=source)
        metrics.add(BRIDGE_MISSING, bridge.handler.missing[source], source=source)
    for reason in EvictionReason:
        metrics.add(BRIDGE_SHOWN_OUT, bridge.connections.evicted[reason], why=reason)
    metrics.set(BRIDGE_CONNECTIONS, bridge.connections.unauthenticated_count, who="stranger")
    metrics.set(BRIDGE_CONNECTIONS, bridge.connections.authenticated_count, who="guest")
    metrics.set(BRIDGE_MQTT_UP, subscriber is not None and subscriber.is_connected)
    return metrics


def _devices(settings: Settings) -> DeviceRegistry:
    """Return the device registry. Read its file once, so that a broken file is an error at the start."""
    devices = DeviceRegistry(settings.bridge_devices_file)
    try:
        devices.ids()
    except DevicesFileError as error:
        raise ConfigurationError(str(error)) from None
    return devices
