"""`geovelocity init`: creates topics, indexes and templates, and imports Kibana dashboards."""

import asyncio

import click

from app.provisioning.stores import prepare_stores
from app.provisioning.topics import create_topics
from app.settings import read_settings
from app.sinks.elasticsearch.kibana import import_dashboards


@click.command("init")
@click.option("--kibana", "with_kibana", is_flag=True, help="Also import Kibana dashboards, replacing older ones.")
def command(with_kibana: bool) -> None:
    """Create missing topics and indexes in Kafka, MongoDB and Elasticsearch. Safe to repeat; run it before workers."""
    settings = read_settings()

    async def run() -> None:
        made = await create_topics(settings)
        click.echo(f"Kafka          {len(made)} topics created" if made else "Kafka          topics exist")
        for name in await prepare_stores(settings):
            click.echo(f"{name:<14} indexes exist")
        if with_kibana:
            click.echo(f"Kibana         {await import_dashboards(settings)} objects imported")

    asyncio.run(run())
