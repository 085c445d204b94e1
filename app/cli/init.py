"""`geovelocity init`: topics, indexes and templates, and Kibana's boards."""

import asyncio

import click

from app.provisioning.stores import prepare_stores
from app.provisioning.topics import create_topics
from app.settings import read_settings
from app.sinks.elasticsearch.kibana import import_dashboards


@click.command("init")
@click.option("--kibana", "with_kibana", is_flag=True, help="Import the boards into Kibana, too, over what is there.")
def command(with_kibana: bool) -> None:
    """Make what is missing in Kafka, MongoDB and Elasticsearch. Safe to repeat; needed before workers start."""
    settings = read_settings()

    async def run() -> None:
        made = await create_topics(settings)
        click.echo(f"Kafka          {len(made)} topics made" if made else "Kafka          topics are there")
        for name in await prepare_stores(settings):
            click.echo(f"{name:<14} indexes are there")
        if with_kibana:
            click.echo(f"Kibana         {await import_dashboards(settings)} objects imported")

    asyncio.run(run())
