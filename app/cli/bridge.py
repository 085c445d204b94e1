"""`geovelocity bridge`: takes positions from phones."""

import asyncio
import logging.config
import signal

import click
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from app.errors import ConfigurationError, UnavailableError
from app.exposition import Exposition
from app.kafka import client_options
from app.logs import logging_config
from app.metrics import BRIDGE_ANSWERS
from app.settings import Settings, read_settings
from deploy.local.ports import HOST
from sensor_logger_bridge.codes import CODES
from sensor_logger_bridge.devices import Devices, DevicesFileError
from sensor_logger_bridge.publisher import BrokerAwayError, Publisher
from sensor_logger_bridge.server import Bridge, serve

log = logging.getLogger(__name__)


@click.command("bridge")
def command() -> None:
    """Listen for Sensor Logger's HTTP push and put positions on the `locations` topic."""
    settings = read_settings()
    logging.config.dictConfig(logging_config())
    asyncio.run(run(settings))


async def run(settings: Settings) -> None:
    """Serves until SIGTERM or Ctrl-C.

    Raises:
        UnavailableError: no broker answers.
        ConfigurationError: the port is taken, or the file of devices is broken.
    """
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    publisher = Publisher(client_options(settings), settings.topics.locations)
    bridge = Bridge(_devices(settings), publisher)
    runners = [] if settings.health_port is None else [await _serve_metrics(bridge, settings.health_port)]
    try:
        await _start(publisher, settings)
        runners.append(await _listen(bridge, *settings.bridge))
        await stopped.wait()
        log.info("bridge stops; answers by code: %s", dict(bridge.answered))
    finally:
        await asyncio.gather(*[runner.cleanup() for runner in runners])
        await publisher.stop()


async def _start(publisher: Publisher, settings: Settings) -> None:
    try:
        await publisher.start()
    except BrokerAwayError as error:
        raise UnavailableError(
            f"Kafka at {settings.kafka} does not answer ({error}): "
            "start it (`make up`) or set GEOVELOCITY_KAFKA_BOOTSTRAP"
        ) from None


async def _listen(bridge: Bridge, host: str, port: int) -> web.AppRunner:
    try:
        runner = await serve(bridge, host, port)
    except OSError as error:
        raise ConfigurationError(
            f"the bridge cannot listen on {host}:{port} ({error.strerror}): "
            "stop what does, or set GEOVELOCITY_BRIDGE_PORT"
        ) from None
    log.info("bridge listens on port %d", port)
    return runner


async def _serve_metrics(bridge: Bridge, port: int) -> web.AppRunner:
    """On a port of its own, of this machine alone: phones reach the other one."""

    async def told(_request: web.Request) -> web.Response:
        return web.Response(body=metrics_of(bridge).text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    application = web.Application()
    application.router.add_get("/metrics", told)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
    except OSError as error:
        raise ConfigurationError(
            f"health port {port} cannot be opened ({error.strerror}): set GEOVELOCITY_HEALTH_PORT"
        ) from None
    return runner


def metrics_of(bridge: Bridge) -> Exposition:
    """What it has answered since it began, by code; with zero, what it never answered yet."""
    metrics = Exposition()
    for code in {*CODES, *bridge.answered}:
        metrics.add(BRIDGE_ANSWERS, bridge.answered[code], code=code)
    return metrics


def _devices(settings: Settings) -> Devices:
    """The devices, read once: what is wrong with their file is better said at the start than to every phone."""
    devices = Devices(settings.bridge_devices_file)
    try:
        devices.ids()
    except DevicesFileError as error:
        raise ConfigurationError(str(error)) from None
    return devices
