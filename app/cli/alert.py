"""`geovelocity alert`: tells people of suspects, by webhook, e-mail and chat."""

import asyncio
import sys
from collections.abc import Sequence

import click
from rich.markup import escape
from rich.table import Table

from app.alert.trial import Result, trial
from app.cli.console import console
from app.settings import read_settings


@click.command("alert")
@click.option(
    "--test", is_flag=True, required=True, help="Send a made-up suspect by every channel, and say what came of it."
)
def command(test: bool) -> None:
    """Tell people of new final suspects from GEOVELOCITY_ALERT_MIN_RISK on, by every channel that is configured.

    With --test the exit code is 1 when a channel did not take it.
    """
    settings = read_settings()
    if test:
        results = asyncio.run(trial(settings))
        _tell(results)
        sys.exit(0 if all(result.ok for result in results) else 1)


def _tell(results: Sequence[Result]) -> None:
    table = Table("", "", "", show_header=False, box=None, pad_edge=False)
    for result in results:
        table.add_row("[green]took it[/]" if result.ok else "[red]failed[/]", result.channel, escape(result.detail))
    console().print(table)
