"""`geovelocity alert`: tells people of suspects, by webhook, e-mail and chat."""

import asyncio
import logging.config
import signal
import sys
from collections.abc import Sequence

import click
from rich.markup import escape
from rich.table import Table

from app.alerts.channels.registry import build_channels
from app.alerts.verification import NONE_CONFIGURED, ProbeResult, send_test_alert
from app.cli.output import console
from app.errors import ConfigurationError
from app.observability.health import health_handlers, metrics_handler, serve_health
from app.observability.logs import logging_config
from app.settings import Settings, read_settings

log = logging.getLogger(__name__)


@click.command("alert")
@click.option("--test", is_flag=True, help="Only send a made-up suspect by every channel, and say what came of it.")
def command(test: bool) -> None:
    """Tell people of new final suspects from GEOVELOCITY_ALERT_MIN_RISK on, by every channel that has a URL.

    With --test the exit code is 1 when a channel did not take it.
    """
    settings = read_settings()
    if test:
        results = asyncio.run(send_test_alert(settings))
        _tell(results)
        sys.exit(0 if all(result.ok for result in results) else 1)
    logging.config.dictConfig(logging_config(settings.log_level))
    asyncio.run(run(settings))


async def run(settings: Settings) -> None:
    """Tells until SIGTERM or Ctrl-C, whatever is away.

    Raises:
        ConfigurationError: no channel is configured, the health port is taken, or a broker does not let us in.
    """
    from app.alerts.service import AlertService  # --test need not wait for Faust, whose checks of topics this has

    if not settings.alert_targets:
        raise ConfigurationError(NONE_CONFIGURED)
    stopped = asyncio.Event()
    async with build_channels(settings) as configured:
        alerting = AlertService(settings, configured)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        loop.add_signal_handler(signal.SIGHUP, alerting.keyring.reload_now)
        handlers = {**health_handlers(alerting.waits_for), "/metrics": metrics_handler(alerting.measured)}
        runner = None if settings.health_port is None else await serve_health(settings.health_port, handlers)
        try:
            await alerting.run(stopped)
        finally:
            if runner is not None:
                await runner.cleanup()


def _tell(results: Sequence[ProbeResult]) -> None:
    table = Table("", "", "", show_header=False, box=None, pad_edge=False)
    for result in results:
        table.add_row("[green]took it[/]" if result.ok else "[red]failed[/]", result.channel, escape(result.detail))
    console().print(table)
