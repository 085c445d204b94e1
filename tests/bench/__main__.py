"""`make bench`: this detector beside a stock Faust agent, interleaved, then its time from payment to verdict."""

import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from aiokafka.admin import NewTopic
from aiokafka.errors import KafkaError
from rich.table import Table

from app import local
from app.cli.console import console
from app.kafka import kafka_admin
from app.provision import create_topics
from app.settings import Settings
from app.topic import arrivals, reader
from deploy.local import kafka
from deploy.local.ports import reserved_ports
from deploy.local.process import Command, Process
from deploy.local.stack import Stack
from tests.bench.input import fill
from tests.support.make import as_bytes, fix, payment, push
from tests.support.service import changed, producer

DEVICES = 5_000
POLL_S = 0.05
COMMIT_INTERVAL_S = 0.25
"""For both: progress is what they have committed, so a rate is no more exact than that over the length of a run."""

WINDOW_S = 15.0
OPENING_PAUSE_S = 4.0
FLOOR_RATIO = 10.0
MEDIAN_MS, P99_MS = 20.0, 100.0


@dataclass(frozen=True, slots=True)
class Contestant:
    """A consumer group, how to start it, and what it is called."""

    name: str
    group: str
    command: Command


@click.command()
@click.option("--fixes", default=600_000, show_default=True, help="Fixes to consume; payments come on top, 1 to 50.")
@click.option("--rounds", default=3, show_default=True, help="How often each contestant runs, in turn.")
@click.option("--latency-seconds", default=20, show_default=True)
def main(fixes: int, rounds: int, latency_seconds: int) -> None:
    """Measure, print, and exit with 1 where a floor is missed."""
    with tempfile.TemporaryDirectory(prefix="geovelocity-bench-", ignore_cleanup_errors=True) as folder:
        well = asyncio.run(_bench(Path(folder), fixes, rounds, latency_seconds))
    sys.exit(0 if well else 1)


async def _bench(folder: Path, fixes: int, rounds: int, latency_seconds: int) -> bool:
    screen = console()
    with reserved_ports() as ports:
        async with Stack(folder, ports, screen.print) as stack:
            await stack.start_servers([kafka.command])
            base = Settings(_env_file=None, port_base=ports.kafka, state_dir=folder, session_timeout_s=6.0)
            await create_topics(base)
            count = await fill(base, fixes, DEVICES)
            screen.print(f"{count:,} records of {DEVICES:,} devices are on the topics")
            rates: dict[str, list[float]] = {"this detector": [], "stock Faust": []}
            for number in range(rounds):
                for contestant in (await _ours(base, number), await _stock(base, number)):
                    rate = await _rate(contestant, base, folder, count)
                    rates[contestant.name].append(rate)
                    screen.print(f"round {number + 1}: {contestant.name} {rate:,.0f} events/s")
            waited = await _latency(base, folder, latency_seconds)
    return _report(rates, waited)


async def _ours(base: Settings, number: int) -> Contestant:
    """A group of its own over the same input: another namespace, the same two topics."""
    names = {name: f"bench{number}-{name}" for name in ("verdicts", "suspects", "dead_letters")}
    settings = changed(
        base,
        namespace=f"bench{number}",
        commit_interval_s=COMMIT_INTERVAL_S,
        **{f"topic_{name}": topic for name, topic in names.items()},
    )
    await create_topics(settings)
    command = local.worker("detector", settings, settings.ports.detector_health, name=f"ours-{number}", restart=False)
    return Contestant("this detector", f"bench{number}-detector", command)


async def _stock(base: Settings, number: int) -> Contestant:
    group = f"stock{number}"
    async with kafka_admin(base) as admin:
        await admin.create_topics([NewTopic(f"{group}-verdicts", base.partitions, 1)])
    argv = [sys.executable, "-m", "faust", "-A", "tests.bench.stock", "worker", "-l", "info", "--without-web"]
    environment = {
        "BENCH_GROUP": group,
        "BENCH_KAFKA": base.kafka,
        "BENCH_PREFIX": base.topic_prefix,
        "BENCH_PARTITIONS": str(base.partitions),
        "BENCH_COMMIT_INTERVAL_S": str(COMMIT_INTERVAL_S),
        "PYTHONPATH": str(Path(__file__).parent.parent.parent),
    }
    return Contestant("stock Faust", group, Command(group, argv, _at_once, env=environment))


async def _at_once() -> bool:
    return True


async def _rate(contestant: Contestant, settings: Settings, folder: Path, count: int) -> float:
    """Events a second from the first commit on, until all is consumed or the window has passed."""
    process = Process(contestant.command, folder)
    process.start()
    try:
        async with _committed(settings, contestant.group) as committed:
            began_at, began = 0.0, 0
            while True:
                await asyncio.sleep(POLL_S)
                done, now = await committed(), time.monotonic()
                if began == 0 and done > 0:
                    began_at, began = now, done
                if began and (done >= count or now - began_at > WINDOW_S):
                    return (done - began) / (now - began_at)
    finally:
        await process.stop()


@asynccontextmanager
async def _committed(settings: Settings, group: str) -> AsyncIterator[Callable[[], Awaitable[int]]]:
    sources = {settings.topics.locations, settings.topics.transactions}
    async with kafka_admin(settings) as admin:

        async def committed() -> int:
            try:
                offsets = await admin.list_consumer_group_offsets(group)
            except KafkaError:  # the first group of a new broker has no coordinator yet
                return 0
            return sum(max(0, meta.offset) for tp, meta in offsets.items() if tp.topic in sources)

        yield committed


async def _latency(base: Settings, folder: Path, seconds: int) -> list[float]:
    """Milliseconds from sending a payment to reading its verdict, at 100 events a second, half of them payments."""
    settings = changed(base, namespace="latency", topic_prefix="latency-")
    await create_topics(settings)
    command = local.worker("detector", settings, settings.ports.detector_health, name="latency", restart=False)
    process = Process(command, folder)
    process.start()
    sent_s: dict[str, float] = {}
    waited_ms: list[float] = []

    async def watch() -> None:
        async with reader(settings, settings.topics.verdicts) as consumer:
            async for now_s, record in arrivals(consumer):
                waited_ms.append(1000 * (now_s - sent_s[json.loads(record.value)["transaction_id"]]))

    await process.wait_ready()
    watching = asyncio.create_task(watch())
    try:
        await _pace(settings, seconds, sent_s)
        await asyncio.sleep(1)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await process.stop()
    return sorted(waited_ms[int(OPENING_PAUSE_S * 50) :])


async def _pace(settings: Settings, seconds: int, sent_s: dict[str, float]) -> None:
    chance, began = random.Random(1), time.monotonic()
    topics = settings.topics
    async with producer(settings) as opened:
        for number in range(int((seconds + OPENING_PAUSE_S) * 50)):
            await asyncio.sleep(max(0.0, began + number / 50 - time.monotonic()))
            device = f"phone-{chance.randrange(500)}"
            record = push(fix(number / 50), device_id=device, message_id=number)
            await opened.send(topics.locations, as_bytes(record), key=device.encode())
            await asyncio.sleep(0.01)
            paid = payment(number, device_id=device, timestamp=(fix(number / 50)["at_ms"]) / 1000)
            sent_s[paid["transaction_id"]] = time.time()
            await opened.send(topics.transactions, as_bytes(paid), key=device.encode())


def _report(rates: dict[str, list[float]], waited_ms: list[float]) -> bool:
    table = Table("", "events/s, median", "lowest", "highest", title="fixes and payments, 50 to 1")
    for name, values in rates.items():
        table.add_row(name, *(f"{value:,.0f}" for value in (statistics.median(values), min(values), max(values))))
    ratios = [ours / stock for ours, stock in zip(*rates.values(), strict=True)]
    table.add_row("ratio, round by round", *(f"{r:.1f}" for r in (statistics.median(ratios), min(ratios), max(ratios))))
    median_ms, p99_ms = statistics.median(waited_ms), waited_ms[int(0.99 * (len(waited_ms) - 1))]
    screen = console()
    screen.print(table)
    screen.print(
        f"payment to verdict at 100 events/s ({len(waited_ms)} payments): "
        f"median {median_ms:.1f} ms, 99th percentile {p99_ms:.1f} ms"
    )
    floors = {
        f"at least {FLOOR_RATIO:.0f} times stock Faust": statistics.median(ratios) >= FLOOR_RATIO,
        f"median under {MEDIAN_MS:.0f} ms": median_ms < MEDIAN_MS,
        f"99th percentile under {P99_MS:.0f} ms": p99_ms < P99_MS,
    }
    for floor, held in floors.items():
        screen.print(f"{'[green]held[/]  ' if held else '[red]missed[/]'} {floor}")
    return all(floors.values())


if __name__ == "__main__":
    os.environ.pop("GEOVELOCITY_PORT_BASE", None)
    main()
