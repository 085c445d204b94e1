"""`python -m tests.nightly.bench.consoles` measures the effect of open console pages on the detector.

One run has one detector and a steady flow of suspects: without a console, with a console, and with open pages.
"""

import asyncio
import itertools
import json
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

from app.cli.output import console
from app.kafka.topic_reader import reader, tail
from app.local import runner
from app.local.ports import reserved_ports
from app.provisioning.topics import create_topics
from app.settings import Settings
from deploy.local import kafka
from deploy.local.stack import Stack
from tests.nightly.bench.usage import cpu_s, memory_mb
from tests.support.make import NOON_MS, as_bytes, fix, payment, push
from tests.support.phone import east_of_home
from tests.support.service import producer, running

DEVICES: Final = 5_000
FIXES_PER_S: Final = 50
SETTLE_S: Final = 4.0
ROOT: Final = Path(__file__).parents[3]
ARMS: Final = ("no console", "a console, no page", "a console, {pages} pages")


@dataclass(slots=True)
class VerdictDelays:
    """Delays from payments to their first verdicts, by the arm that was active when they were sent."""

    arm: str | None = None
    sent: dict[str, tuple[str | None, float]] = field(default_factory=dict)
    ms: defaultdict[str, list[list[float]]] = field(default_factory=lambda: defaultdict(list))

    def begin(self, arm: str) -> None:
        self.arm = arm
        self.ms[arm].append([])

    def answered(self, transaction_id: str, now_s: float) -> None:
        arm, sent_s = self.sent.pop(transaction_id, (None, 0.0))
        if arm is not None:
            self.ms[arm][-1].append(1000 * (now_s - sent_s))


@click.command()
@click.option("--pages", default=100, show_default=True)
@click.option("--payments-per-s", default=200, show_default=True, help="Every payment is a suspect.")
@click.option("--rounds", default=3, show_default=True, help="Measurements of each arm, in turn.")
@click.option("--seconds", default=10, show_default=True, help="Length of a measurement.")
def main(pages: int, payments_per_s: int, rounds: int, seconds: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="geovelocity-bench-", ignore_cleanup_errors=True) as folder:
        asyncio.run(_bench(Path(folder), pages, payments_per_s, rounds, seconds))


async def _bench(folder: Path, pages: int, payments_per_s: int, rounds: int, seconds: int) -> None:
    screen, delays, results = console(), VerdictDelays(), list[dict[str, Any]]()
    arms = [arm.format(pages=pages) for arm in ARMS]
    with reserved_ports() as ports:
        settings = Settings(_env_file=None, port_base=ports.kafka, state_dir=folder)
        async with Stack(folder, ports, screen.print) as stack:
            await stack.start_servers([kafka.command])
            await create_topics(settings)
            detector = runner.worker("detector", settings, ports.detector_health, restart=False)
            async with running(detector, folder=folder), _flooded(settings, delays, payments_per_s):
                for number in range(rounds):
                    turn = [_quiet(), _served(settings, folder, 0, results), _served(settings, folder, pages, results)]
                    for arm, load in zip(arms, turn, strict=True):
                        async with load:
                            await asyncio.sleep(SETTLE_S)
                            delays.begin(arm)
                            await asyncio.sleep(seconds)
                            delays.arm = None
                            await asyncio.sleep(1)
                        screen.print(f"round {number + 1}, {arm}: p99 {_p99(delays.ms[arm][-1]):.0f} ms")
    _report(screen, delays, results, pages)


@asynccontextmanager
async def _quiet() -> AsyncIterator[None]:
    yield


@asynccontextmanager
async def _served(settings: Settings, folder: Path, pages: int, results: list[dict[str, Any]]) -> AsyncIterator[None]:
    """Run the console with this many open pages."""
    async with running(runner.api(settings, restart=False), folder=folder) as (server,):
        if not pages:
            yield
            return
        host, port = settings.api
        began_s, used_s = time.monotonic(), cpu_s(server.pid)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.nightly.bench.pages", host, str(port), str(pages)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        await process.stdout.readline()
        yield
        lasted_s, used_s = time.monotonic() - began_s, cpu_s(server.pid) - used_s
        output, _ = await process.communicate(b"")
        results.append(
            json.loads(output) | {"seconds": lasted_s, "cpu": used_s / lasted_s, "rss_mb": memory_mb(server.pid)}
        )


@asynccontextmanager
async def _flooded(settings: Settings, delays: VerdictDelays, payments_per_s: int) -> AsyncIterator[None]:
    tasks = [
        asyncio.create_task(part)
        for part in (_watch(settings, delays), _pay(settings, delays, payments_per_s), _move(settings))
    ]
    await asyncio.sleep(SETTLE_S)
    try:
        yield
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _watch(settings: Settings, delays: VerdictDelays) -> None:
    async with reader(settings, settings.topics.verdicts) as consumer:
        async for now_s, record in tail(consumer):
            delays.answered(json.loads(record.value)["transaction_id"], now_s)


async def _pay(settings: Settings, delays: VerdictDelays, payments_per_s: int) -> None:
    """Send payments that are far from their phones."""
    latitude, longitude = east_of_home(900_000)
    async with producer(settings) as opened:
        async for number, at_s in _paced(payments_per_s):
            device = f"phone-{number % DEVICES}"
            place = {"timestamp": NOON_MS / 1000 + at_s, "latitude": latitude, "longitude": longitude}
            paid = payment(number, device_id=device, user_id=f"u-{number % DEVICES}", **place)
            delays.sent[paid["transaction_id"]] = (delays.arm, time.time())
            await opened.send(settings.topics.transactions, as_bytes(paid), key=device.encode())


async def _move(settings: Settings) -> None:
    """Send one fix of every phone at once and then of each in turn, so rarely that open payments do not accumulate."""
    async with producer(settings) as opened:
        async for number, at_s in _paced(FIXES_PER_S, at_once=DEVICES):
            device = f"phone-{number % DEVICES}"
            record = push(fix(at_s), device_id=device, message_id=number)
            await opened.send(settings.topics.locations, as_bytes(record), key=device.encode())


async def _paced(per_s: int, at_once: int = 0) -> AsyncIterator[tuple[int, float]]:
    """Yield numbers at a steady rate, each with the seconds since the first."""
    began_s = time.monotonic()
    for number in itertools.count():
        await asyncio.sleep(began_s + max(0, number - at_once) / per_s - time.monotonic())
        yield number, time.monotonic() - began_s


def _report(screen: Console, delays: VerdictDelays, results: list[dict[str, Any]], pages: int) -> None:
    table = Table("", "payments", "median", "p99", "p99, round by round", title="payment to verdict, ms")
    for arm, rounds in delays.ms.items():
        every = [one for waited in rounds for one in waited]
        by_round = "  ".join(f"{_p99(waited):.0f}" for waited in rounds)
        table.add_row(arm, str(len(every)), f"{median(every):.1f}", f"{_p99(every):.0f}", by_round)
    screen.print(table)
    seconds = sum(one["seconds"] for one in results)
    screen.print(
        f"each page: {sum(one['bytes'] for one in results) / seconds / pages / 1000:.0f} kB/s, "
        f"{sum(one['cases'] for one in results) / seconds / pages:.1f} events of cases a second, "
        f"a pulse every {median(one['gap_p50_s'] for one in results):.2f} s, "
        f"99 of 100 within {max(one['gap_p99_s'] for one in results):.2f} s; "
        f"the server: {100 * median(one['cpu'] for one in results):.0f} % of a core, "
        f"{max(one['rss_mb'] for one in results):.0f} MB"
    )


def _p99(waited: list[float]) -> float:
    return sorted(waited)[int(0.99 * (len(waited) - 1))]


if __name__ == "__main__":
    os.environ.pop("GEOVELOCITY_PORT_BASE", None)
    main()
