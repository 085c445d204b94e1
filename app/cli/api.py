"""`geovelocity api`: the console's server."""

import asyncio
import contextlib
import logging.config
import os
import signal
from collections.abc import AsyncIterator
from typing import Final

import click
from aiohttp import web

from app.api.alerts import AlertRoutes
from app.api.auth.middleware import AuthMiddleware
from app.api.cases.routes import CaseRoutes
from app.api.live.service import LiveService
from app.api.server import console, serve
from app.api.static_files import StaticFiles
from app.errors import ConfigurationError
from app.kafka.topics import check_topics
from app.observability.health import metrics_handler, serve_health
from app.observability.logs import logging_config
from app.settings import Settings, read_settings

log = logging.getLogger(__name__)

TOPICS: Final = ("verdicts", "suspects", "locations", "transactions", "feedback")
"""The console reads the first three, queries only end offsets of `transactions`, and writes `feedback`."""

NICE_LEVEL: Final = 10
"""Nice level of the process, so that workers on the same machine get the CPU first."""


@click.command("api")
def command() -> None:
    """Serve the console, in which analysts see suspects as they come."""
    settings = read_settings()
    os.nice(NICE_LEVEL)
    logging.config.dictConfig(logging_config(settings.log_level))
    asyncio.run(run(settings))


async def run(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Raises:
        ConfigurationError: files of the page are missing, topics are missing, Kafka rejects the credentials, or a port
            is taken.
        UnavailableError: no broker answers at the start. Later outages do not end the process.
    """
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    pages, access = StaticFiles(), AuthMiddleware.from_settings(settings)
    pages.check()
    await check_topics(settings, [getattr(settings.topics, name) for name in TOPICS])
    live = LiveService(settings, access)
    async with _bind(settings, console(access, [pages, live, CaseRoutes(settings), AlertRoutes(settings)]), live):
        running, waiting = asyncio.create_task(live.run()), asyncio.create_task(stopped.wait())
        await asyncio.wait([running, waiting], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if not stopped.is_set():
            running.result()
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


@contextlib.asynccontextmanager
async def _bind(settings: Settings, application: web.Application, live: LiveService) -> AsyncIterator[None]:
    host, port = settings.api
    runners = []
    try:
        if settings.health_port is not None:
            runners.append(
                await serve_health(settings.health_port, {"/metrics": metrics_handler(live.collect_metrics)})
            )
        try:
            runners.append(await serve(application, host, port))
        except OSError as error:
            raise ConfigurationError(
                f"the console cannot listen on {host}:{port} ({error.strerror}): "
                "stop the process that uses the port, or set GEOVELOCITY_API_PORT"
            ) from None
        log.info("console listens on port %d", port)
        yield
    finally:
        await asyncio.gather(*[runner.cleanup() for runner in runners])
