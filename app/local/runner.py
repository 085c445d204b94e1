"""The whole service as processes of this machine, as `up`, `demo` and the tests run it."""

import asyncio
import sys
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable

from app.cli.worker import faust_argv
from app.provisioning.provision import create_topics, prepare_stores
from app.settings import Settings, as_environment
from app.settings.address import LOOPBACK_HOST
from app.settings.ports import Ports
from app.topology import ALERTS
from deploy.local.process import Command
from deploy.local.stack import Stack


def worker(app: str, settings: Settings, health_port: int, *, name: str | None = None, restart: bool = True) -> Command:
    """A worker of one app, ready when it has its partitions and rows."""
    environment = as_environment(settings) | {"GEOVELOCITY_HEALTH_PORT": str(health_port)}
    return Command(
        name or app, faust_argv(app), _answers(health_port), ports=(health_port,), env=environment, restart=restart
    )


def bridge(settings: Settings, *, restart: bool = True) -> Command:
    """The bridge, ready when it reaches the broker."""
    argv = [sys.executable, "-m", "app.cli", "bridge"]
    port, metrics_port = settings.bridge[1], settings.ports.bridge_metrics
    environment = as_environment(settings) | {"GEOVELOCITY_HEALTH_PORT": str(metrics_port)}
    return Command("bridge", argv, _answers(port), ports=(port, metrics_port), env=environment, restart=restart)


def alert(settings: Settings, *, restart: bool = True) -> Command:
    """What tells people of suspects, ready when it has its partitions. There must be a channel."""
    argv = [sys.executable, "-m", "app.cli", "alert"]
    port = settings.ports.alert_health
    environment = as_environment(settings) | {"GEOVELOCITY_HEALTH_PORT": str(port)}
    return Command(ALERTS.name, argv, _answers(port), ports=(port,), env=environment, restart=restart)


def api(settings: Settings, *, restart: bool = True) -> Command:
    """The console's server, ready when it has read what there was."""
    argv = [sys.executable, "-m", "app.cli", "api"]
    port, health_port = settings.api[1], settings.ports.api_health
    environment = as_environment(settings) | {"GEOVELOCITY_HEALTH_PORT": str(health_port)}
    return Command("api", argv, _answers(port), ports=(port, health_port), env=environment, restart=restart)


def metrics_urls(ports: Ports) -> dict[str, str]:
    """Where each process of the service tells its metrics."""
    told_on = {
        "detector": ports.detector_health,
        "sink-mongo": ports.mongo_health,
        "sink-elastic": ports.elastic_health,
        "bridge": ports.bridge_metrics,
        "api": ports.api_health,
    }
    return {name: f"http://{LOOPBACK_HOST}:{port}/metrics" for name, port in told_on.items()}


async def start_service(stack: Stack, settings: Settings) -> None:
    """Makes topics and indexes, then starts the bridge and all workers side by side. The servers must run already."""
    await asyncio.gather(create_topics(settings), prepare_stores(settings))
    ports = settings.ports
    await stack.start(
        [
            bridge(settings),
            api(settings),
            worker("detector", settings, ports.detector_health),
            worker("mongo", settings, ports.mongo_health, name="sink-mongo"),
            worker("elastic", settings, ports.elastic_health, name="sink-elastic"),
            *([alert(settings)] if settings.alert_targets else []),
        ]
    )


def _answers(port: int) -> Callable[[], Awaitable[bool]]:
    return lambda: asyncio.to_thread(_is_ready, port)


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK_HOST}:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError:
        return False
