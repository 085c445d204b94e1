"""`make bench`: this service beside other stream engines on one broker, interleaved, then its time to a verdict."""

import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from app.cli.console import console
from app.provision import create_topics
from app.settings import Settings
from deploy.local import kafka
from deploy.local.ports import reserved_ports
from deploy.local.stack import Stack
from tests.bench.contestant import Contestant
from tests.bench.environment import python_of
from tests.bench.field import FIELD, OURS, STOCK
from tests.bench.input import fill
from tests.bench.latency import Latency, latency
from tests.bench.rate import Rate, rate
from tests.bench.table import latencies, rates, ratios

FLOOR: Final = 12.0
"""Times stock Faust: under that, something has gone wrong."""

SHARES: Final = (0.1, 0.5, 0.9)
P99_MAX_MS: Final = 100.0
QUIET_EVENTS_PER_S: Final = 100.0

Rates = dict[Contestant, list[Rate]]


@click.command()
@click.option("--fixes", default=1_200_000, show_default=True, help="Fixes to consume; payments come on top, 1 to 50.")
@click.option("--devices", default=5_000, show_default=True)
@click.option("--rounds", default=3, show_default=True, help="How often each contestant runs, in turn.")
@click.option("--window", default=15.0, show_default=True, help="Seconds after which a slow one is stopped.")
@click.option("--only", multiple=True, type=click.Choice([one.key for one in FIELD]), help="Default: the whole field.")
@click.option("--latency-seconds", default=15.0, show_default=True, help="For each rate; 0: leave latency out.")
@click.option("--small", is_flag=True, help="Under two minutes: beside stock Faust alone, and one latency.")
def main(
    fixes: int, devices: int, rounds: int, window: float, only: tuple[str, ...], latency_seconds: float, *, small: bool
) -> None:
    """Measure, print, and exit with 1 where a floor is missed."""
    field = [one for one in FIELD if not only or one.key in only]
    with tempfile.TemporaryDirectory(prefix="geovelocity-bench-", ignore_cleanup_errors=True) as folder:
        bench = Bench(Path(folder), console(), devices)
        if small:
            measured = asyncio.run(bench.run([OURS, STOCK], 300_000, 3, 5.0, [QUIET_EVENTS_PER_S], 10.0))
        else:
            measured = asyncio.run(bench.run(field, fixes, rounds, window, SHARES, latency_seconds))
    sys.exit(0 if measured else 1)


class Bench:
    """One broker, one input, all contestants."""

    def __init__(self, folder: Path, screen: Console, devices: int) -> None:
        self._folder = folder
        self._screen = screen
        self._devices = devices

    async def run(
        self,
        field: Sequence[Contestant],
        fixes: int,
        rounds: int,
        window_s: float,
        paces: Sequence[float],
        lasts_s: float,
    ) -> bool:
        """`paces`: of latency, up to 1 a share of the rate that was seen, over that events a second."""
        for one in field:
            python_of(one.requirements)
        with reserved_ports() as ports:
            async with Stack(self._folder, ports, self._screen.print) as stack:
                await stack.start_servers([kafka.command])
                settings = Settings(
                    _env_file=None, port_base=ports.kafka, state_dir=self._folder, session_timeout_s=6.0
                )
                await create_topics(settings)
                count = await fill(settings, fixes, self._devices)
                self._screen.print(f"{count:,} records of {self._devices:,} devices are on the topics")
                seen = await self._rates(settings, field, rounds, count, window_s)
                most = statistics.median(one.events_per_s for one in seen[OURS])
                at = [pace if pace > 1 else pace * most for pace in paces if lasts_s]
                waited = [await self._latency(settings, events_per_s, lasts_s) for events_per_s in at]
        return self._report(seen, waited)

    async def _rates(
        self, settings: Settings, field: Sequence[Contestant], rounds: int, count: int, window_s: float
    ) -> Rates:
        seen: Rates = {one: [] for one in field}
        for number in range(rounds):
            for one in field:
                entry = await one.enter(settings, f"{one.key}-{number}")
                measured = await rate(entry, settings, self._folder, count, window_s)
                seen[one].append(measured)
                self._screen.print(
                    f"round {number + 1}, {one.title}: {measured.events_per_s:,.0f} events/s, "
                    f"{measured.cpu_us:.1f} µs of processor an event, {measured.memory_mb:,.0f} MB"
                )
        return seen

    async def _latency(self, settings: Settings, events_per_s: float, seconds: float) -> Latency:
        name = f"latency-{events_per_s:.0f}"
        waited = await latency(settings, self._folder, name, events_per_s, seconds, self._devices)
        self._screen.print(f"{events_per_s:,.0f} events/s: p99 {waited.p99_ms:.1f} ms of {waited.payments} payments")
        return waited

    def _report(self, seen: Rates, waited: Sequence[Latency]) -> bool:
        self._screen.print(rates(seen), ratios(seen, OURS))
        if waited:
            self._screen.print(latencies(waited))
        floors = {}
        if STOCK in seen:
            beside = [
                ours.events_per_s / stock.events_per_s for ours, stock in zip(seen[OURS], seen[STOCK], strict=True)
            ]
            floors[f"at least {FLOOR:.0f} times stock Faust"] = statistics.median(beside) >= FLOOR
        if waited:
            floors[f"99th percentile under {P99_MAX_MS:.0f} ms at {waited[0].events_per_s:,.0f} events/s"] = (
                waited[0].p99_ms < P99_MAX_MS
            )
        for floor, held in floors.items():
            self._screen.print(f"{'[green]held[/]  ' if held else '[red]missed[/]'} {floor}")
        return all(floors.values())


if __name__ == "__main__":
    os.environ.pop("GEOVELOCITY_PORT_BASE", None)
    main()
