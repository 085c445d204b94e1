"""`geovelocity api`: the console's server."""

import asyncio
import logging.config
import signal

import click

from app.api.access import Access
from app.api.alerts import Alerts
from app.api.cases import Cases
from app.api.pages import Pages
from app.api.server import console, serve
from app.errors import ConfigurationError
from app.logs import logging_config
from app.settings import Settings, read_settings

log = logging.getLogger(__name__)


@click.command("api")
def command() -> None:
    """Serve the console, in which analysts see suspects as they come."""
    settings = read_settings()
    logging.config.dictConfig(logging_config(settings.log_level))
    asyncio.run(run(settings))


async def run(settings: Settings) -> None:
    """Serves until SIGTERM or Ctrl-C.

    Raises:
        ConfigurationError: the port is taken.
    """
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    application = console(Access.of(settings), [Pages(), Cases(settings), Alerts(settings)])
    host, port = settings.api
    try:
        runner = await serve(application, host, port)
    except OSError as error:
        raise ConfigurationError(
            f"the console cannot listen on {host}:{port} ({error.strerror}): "
            "stop what does, or set GEOVELOCITY_API_PORT"
        ) from None
    log.info("console listens on port %d", port)
    try:
        await stopped.wait()
    finally:
        await runner.cleanup()
