"""`geovelocity init`: topics, indexes and templates."""

import asyncio

import click

from app.provision import create_topics, prepare_stores
from app.settings import read_settings


@click.command("init")
def command() -> None:
    """Make what is missing in Kafka, MongoDB and Elasticsearch. Safe to repeat; needed before workers start."""
    settings = read_settings()

    async def run() -> None:
        made = await create_topics(settings)
        click.echo(f"Kafka          {len(made)} topics made" if made else "Kafka          topics are there")
        for name in await prepare_stores(settings):
            click.echo(f"{name:<14} indexes are there")

    asyncio.run(run())
