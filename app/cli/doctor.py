"""`geovelocity doctor`: checks of every server and setting, with a remedy for each problem."""

import asyncio
import sys
from collections.abc import Awaitable, Callable

import aiohttp
import click
from aiokafka import AIOKafkaConsumer, TopicPartition
from rich.table import Table

from app.cli.output import console
from app.errors import GeovelocityError, UnavailableError
from app.kafka.client import client_options, kafka_admin
from app.kafka.topics import check_topics
from app.provisioning.topics import changelog_of
from app.security.masking_keys import masking_keys
from app.settings import Settings, read_settings
from app.settings.address import LOOPBACK_HOST
from app.sinks.base import Dataset
from app.stream.lifecycle.preflight import check_compiled_faust
from app.stream.state.batch import BATCH_BYTES_MAX
from app.topology import ALERTS, DETECTOR, SINKS, SinkApp

Check = Callable[[Settings], Awaitable[str]]
"""A check: returns a few words about a healthy part, or raises GeovelocityError with problem and remedy."""

LAG_WORTH_SAYING = 1000


@click.command("doctor")
def command() -> None:
    """Check settings, Kafka, both stores, the bridge and the workers. Exits with 1 when a check fails."""
    try:
        settings = read_settings()
    except GeovelocityError as error:
        console().print(f"[red]wrong[/]  settings: {error}")
        sys.exit(1)
    well = asyncio.run(_examine(settings))
    sys.exit(0 if well else 1)


async def _examine(settings: Settings) -> bool:
    checks: dict[str, Check] = {
        "settings": _settings,
        "faust": _faust,
        "kafka": _topics,
        **{sink_app.command: _store(sink_app) for sink_app in SINKS},
        "bridge": _bridge,
        "api": _api,
        **{name: _group(name) for name in (DETECTOR.name, *(sink_app.name for sink_app in SINKS))},
        **{ALERTS.groups[name]: _group(ALERTS.groups[name]) for name in settings.alert_targets},
    }
    answers = await asyncio.gather(*[_run(check, settings) for check in checks.values()])
    table = Table("", "", "", show_header=False, box=None, pad_edge=False)
    for name, (well, words) in zip(checks, answers, strict=True):
        table.add_row("[green]well[/]" if well else "[red]wrong[/]", name, words)
    console().print(table)
    return all(well for well, _ in answers)


async def _run(check: Check, settings: Settings) -> tuple[bool, str]:
    try:
        return True, await check(settings)
    except GeovelocityError as error:
        return False, str(error)


async def _settings(settings: Settings) -> str:
    keys = ", ".join(key.id for key in masking_keys(settings))
    return f"mode {settings.mode}, preset {settings.preset}, masking keys: {keys}"


async def _faust(_settings: Settings) -> str:
    check_compiled_faust()
    return "the C extension is loaded"


async def _topics(settings: Settings) -> str:
    await check_topics(settings, settings.topics.all, [changelog_of(settings)], BATCH_BYTES_MAX)
    return f"{settings.kafka}, all topics with {settings.partitions} partitions"


def _store(sink_app: SinkApp) -> Check:
    async def check(settings: Settings) -> str:
        sink = sink_app.store(settings)
        try:
            counts = {shelf: await sink.count(shelf) for shelf in Dataset}
        finally:
            await sink.close()
        return ", ".join(f"{count} {shelf.value}" for shelf, count in counts.items())

    return check


async def _bridge(settings: Settings) -> str:
    return await _ready("bridge", settings.public_url.local_url)


async def _api(settings: Settings) -> str:
    await _ready("api", f"http://{LOOPBACK_HOST}:{settings.api[1]}")
    return settings.console


async def _ready(name: str, here: str) -> str:
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=6)) as session,
            session.get(f"{here}/readyz") as answer,
        ):
            if answer.status != 200:
                raise UnavailableError(f"the {name} at {here} does not reach Kafka: see its log")
    except (aiohttp.ClientError, TimeoutError):
        raise UnavailableError(f"no {name} answers at {here}: start it (`geovelocity {name}` or `make up`)") from None
    return here


def _group(name: str) -> Check:
    async def check(settings: Settings) -> str:
        lag = await _lag(settings, f"{settings.namespace}-{name}")
        if lag is None:
            raise UnavailableError(
                f"no worker of {name} runs: start one (`geovelocity worker`, `geovelocity alert` or `make up`)"
            )
        return f"{lag} records behind" if lag > LAG_WORTH_SAYING else "keeps up"

    return check


async def _lag(settings: Settings, group: str) -> int | None:
    """Return the number of unprocessed records of a group; None when it has no members."""
    async with kafka_admin(settings) as admin, AIOKafkaConsumer(**client_options(settings)) as consumer:
        description = (await admin.describe_consumer_groups([group]))[0].groups[0]
        if not description[5]:  # its members
            return None
        committed = await admin.list_consumer_group_offsets(group)
        partitions = [TopicPartition(tp.topic, tp.partition) for tp in committed]
        ends = await consumer.end_offsets(partitions) if partitions else {}
        return sum(int(end) - int(committed[tp].offset) for tp, end in ends.items())
