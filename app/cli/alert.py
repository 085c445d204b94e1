"""`geovelocity alert`: notify people about suspects by webhook, e-mail and chat."""

import asyncio
import logging.config
import signal
import sys
from collections.abc import Sequence

import click
from rich.markup import escape
from rich.table import Table

from app.alerts.channels.registry import build_channels
from app.alerts.service import AlertService
from app.alerts.verification import NONE_CONFIGURED, ProbeResult, send_test_alert
from app.cli.output import console
from app.errors import ConfigurationError
from app.observability.health import health_handlers, metrics_handler, serve_health
from app.observability.logs import logging_config
from app.settings import Settings, read_settings

log = logging.getLogger(__name__)


@click.command("alert")
@click.option("--test", is_flag=True, help="Only send a sample alert by every channel and print the results.")
def command(test: bool) -> None:
    """Notify people about new final suspects from GEOVELOCITY_ALERT_MIN_RISK on, by every channel that has a URL.

    With --test the exit code is 1 when a channel did not accept the sample alert.
    """
    settings = read_settings()
    if test:
        results = asyncio.run(send_test_alert(settings))
        _print_results(results)
        sys.exit(0 if all(result.ok for result in results) else 1)
    logging.config.dictConfig(logging_config(settings.log_level))
    asyncio.run(run(settings))


async def run(settings: Settings) -> None:
    """Send alerts until SIGTERM or Ctrl-C. Survives outages of Kafka and of channels.

    Raises:
        ConfigurationError: no channel is configured, the health port is taken, or a broker rejects the credentials.
    """
    if not settings.alert_targets:
        raise ConfigurationError(NONE_CONFIGURED)
    stopped = asyncio.Event()
    async with build_channels(settings) as channels:
        service = AlertService(settings, channels)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        loop.add_signal_handler(signal.SIGHUP, service.keyring.reload_now)
        handlers = {
            **health_handlers(service.not_ready_reason),
            "/metrics": metrics_handler(service.collect_metrics),
        }
        runner = None if settings.health_port is None else await serve_health(settings.health_port, handlers)
        try:
            await service.run(stopped)
        finally:
            if runner is not None:
                await runner.cleanup()


def _print_results(results: Sequence[ProbeResult]) -> None:
    table = Table("", "", "", show_header=False, box=None, pad_edge=False)
    for result in results:
        table.add_row("[green]accepted[/]" if result.ok else "[red]failed[/]", result.channel, escape(result.detail))
    console().print(table)
