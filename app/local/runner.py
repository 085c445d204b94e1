"""The whole service as processes of this machine, as `up`, `demo` and the tests run it."""

import asyncio
import sys
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable

from app.provisioning.stores import prepare_stores
from app.provisioning.topics import create_topics
from app.settings import Settings, as_environment
from app.settings.address import LOOPBACK_HOST
from app.settings.ports import Ports
from app.stream.faust_command import faust_argv
from app.topology import ALERTS, DETECTOR, FAUST_APPS, SINKS
from deploy.local.process import Command
from deploy.local.stack import Stack

READY_TIMEOUT_S = 5.0
"""Timeout of one readiness check."""


def worker(app: str, settings: Settings, health_port: int, *, name: str | None = None, restart: bool = True) -> Command:
    """Return the command of one worker, ready once it has its partitions and rows. `app`: a key of `FAUST_APPS`."""
    argv = faust_argv(FAUST_APPS[app])
    environment = as_environment(settings) | {"GEOVELOCITY_HEALTH_PORT": str(health_port)}
    return Command(name or app, argv, ready_check(health_port), ports=(health_port,), env=environment, restart=restart)


def bridge(settings: Settings, *, restart: bool = True) -> Command:
    """Return the command of the bridge, ready once it reaches the broker."""
    argv = [sys.executable, "-m", "app.cli", "bridge"]
    port, metrics_port = settings.bridge[1], settings.ports.bridge_metrics
    environment = as_environment(settings) | {"GEOVELOCITY_HEALTH_PORT": str(metrics_port)}
    return Command("bridge", argv, ready_check(port), ports=(port, metrics_port), env=environment, restart=restart)


def alert(settings: Settings, *, restart: bool = True) -> Command:
    """Return the command that sends alerts, ready once it has its partitions. At least one channel is configured."""
    argv = [sys.executable, "-m", "app.cli", "alert"]
    port = settings.ports.alert_health
    environment = as_environment(settings) | {"GEOVELOCITY_HEALTH_PORT": str(port)}
    return Command(ALERTS.name, argv, ready_check(port), ports=(port,), env=environment, restart=restart)


def api(settings: Settings, *, restart: bool = True) -> Command:
    """Return the command of the console, ready once it has caught up with the topics."""
    argv = [sys.executable, "-m", "app.cli", "api"]
    port, health_port = settings.api[1], settings.ports.api_health
    environment = as_environment(settings) | {"GEOVELOCITY_HEALTH_PORT": str(health_port)}
    return Command("api", argv, ready_check(port), ports=(port, health_port), env=environment, restart=restart)


def metrics_urls(ports: Ports) -> dict[str, str]:
    """Return the URL of each process's metrics, by the name of the process."""
    numbers = {
        DETECTOR.name: ports.detector_health,
        **{sink.name: sink.health_port(ports) for sink in SINKS},
        "bridge": ports.bridge_metrics,
        "api": ports.api_health,
    }
    return {name: f"http://{LOOPBACK_HOST}:{port}/metrics" for name, port in numbers.items()}


async def start_service(stack: Stack, settings: Settings) -> None:
    """Create topics and indexes, then start the bridge and all workers side by side. The servers must run already."""
    await asyncio.gather(create_topics(settings), prepare_stores(settings))
    ports = settings.ports
    await stack.start(
        [
            bridge(settings),
            api(settings),
            worker(DETECTOR.name, settings, ports.detector_health),
            *(worker(sink.command, settings, sink.health_port(ports), name=sink.name) for sink in SINKS),
            *([alert(settings)] if settings.alert_targets else []),
        ]
    )


def is_ready(port: int) -> bool:
    """Return whether the process on this port of this machine is ready.

    Raises:
        OSError: nothing listens there.
    """
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK_HOST}:{port}/readyz", timeout=READY_TIMEOUT_S) as response:
            return bool(response.status == 200)
    except urllib.error.HTTPError:
        return False


def ready_check(port: int) -> Callable[[], Awaitable[bool]]:
    """Return the readiness check of the process on this port of this machine."""
    return lambda: asyncio.to_thread(is_ready, port)
