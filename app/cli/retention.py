"""`geovelocity retention`: deletes documents that are older than the retention."""

import asyncio
import time

import click

from app.errors import SettingsError
from app.settings import read_settings
from app.sinks.base import Dataset
from app.sinks.retention import MonthPartition
from app.topology import SINKS


@click.command("retention")
def command() -> None:
    """Delete documents older than GEOVELOCITY_RETENTION_DAYS from both stores. Safe to repeat; run it daily.

    It deletes whole months, by the time of the payment, once all of their days are old enough.
    """
    settings = read_settings()
    if settings.retention_days is None:
        raise SettingsError(
            "nothing was deleted: set GEOVELOCITY_RETENTION_DAYS to the number of days to keep verdicts"
        )
    before = MonthPartition.oldest_kept(time.time(), settings.retention_days)

    async def run() -> None:
        for sink_app in SINKS:
            sink = sink_app.store(settings)
            try:
                for shelf in Dataset:
                    expired = await sink.expire(shelf, before)
                    click.echo(f"{sink_app.name:<14} {shelf.value:<10} {expired} documents deleted (before {before})")
            finally:
                await sink.close()

    asyncio.run(run())
