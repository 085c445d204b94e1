"""`make bench`: this service and other stream engines on one broker in turn, then its time to a verdict."""

import asyncio
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

import click
from rich.console import Console

from app.cli.output import console
from app.local.ports import reserved_ports
from app.provisioning.topics import create_topics
from app.settings import Settings
from deploy.local import kafka
from deploy.local.stack import Stack
from tests.nightly.bench.contestant import Contestant
from tests.nightly.bench.environment import pinned, python_of
from tests.nightly.bench.field import FIELD, ON_REQUEST, OURS, STOCK
from tests.nightly.bench.goals import reached, times
from tests.nightly.bench.input import PAYMENT_EVERY, SEED, fill
from tests.nightly.bench.latency import Latency, latency
from tests.nightly.bench.rate import Rate, rate
from tests.nightly.bench.report import machine, write_section
from tests.nightly.bench.table import latencies, rates, ratios

FLOOR: Final = 12.0
"""Minimum ratio to the throughput of stock Faust. A lower ratio is a regression."""

P99_MAX_MS: Final = 100.0


class Plan(NamedTuple):
    """Extent of a run.

    `window_s`: time after which a slow contestant is stopped. `paces`: load of each latency measurement, which takes
    `lasts_s`. A pace up to 1 is a share of the measured throughput, a higher one is events per second.
    """

    fixes: int
    devices: int
    rounds: int
    window_s: float
    paces: Sequence[float]
    lasts_s: float


SMALL: Final = Plan(fixes=200_000, devices=5_000, rounds=3, window_s=8.0, paces=(100.0,), lasts_s=10.0)

KNOWN: Final = (*FIELD, *ON_REQUEST)


@click.command()
@click.option("--fixes", default=500_000, show_default=True, help="Fixes to consume; payments come on top, 1 to 50.")
@click.option("--devices", default=5_000, show_default=True)
@click.option("--rounds", default=3, show_default=True, help="Runs of each contestant, in turn.")
@click.option("--window", default=30.0, show_default=True, help="Seconds after which a slow contestant is stopped.")
@click.option(
    "--only",
    multiple=True,
    type=click.Choice([one.key for one in KNOWN]),
    help="Contestants beside this service.",
)
@click.option("--latency-seconds", default=15.0, show_default=True, help="Seconds for each latency; 0: none.")
@click.option("--small", is_flag=True, help="Under two minutes: stock Faust only, and one latency.")
@click.option("--report", is_flag=True, help="Write to the report.")
def main(
    fixes: int,
    devices: int,
    rounds: int,
    window: float,
    only: tuple[str, ...],
    latency_seconds: float,
    *,
    small: bool,
    report: bool,
) -> None:
    """Measure and print. Exit with 1 if a floor is missed."""
    plan = Plan(fixes, devices, rounds, window, (0.1, 0.5, 0.9) if latency_seconds else (), latency_seconds)
    if small:
        plan, only = SMALL, (STOCK.key,)
    field = [one for one in KNOWN if one is OURS or one.key in only] if only else list(FIELD)
    with tempfile.TemporaryDirectory(prefix="geovelocity-bench-", ignore_cleanup_errors=True) as folder:
        seen, waited = asyncio.run(_measured(field, plan, Path(folder), console()))
    tables = [rates(seen), ratios(seen, OURS), reached(seen, OURS), *([latencies(waited)] if waited else [])]
    console().print(*tables)
    if report:
        title = f"Beside other engines, {plan.devices:,} devices"
        write_section(title, [machine(), *_versions(field), _describe(plan), *tables[:3]])
        if waited:
            write_section("From payment to verdict", tables[3:])
    sys.exit(0 if _floors_held(seen, waited) else 1)


async def _measured(
    field: Sequence[Contestant], plan: Plan, folder: Path, screen: Console
) -> tuple[Mapping[Contestant, list[Rate]], list[Latency]]:
    for one in field:
        python_of(one.requirements)
    with reserved_ports() as ports:
        async with Stack(folder, ports, screen.print) as stack:
            await stack.start_servers([kafka.command])
            settings = Settings(_env_file=None, port_base=ports.kafka, state_dir=folder, session_timeout_s=6.0)
            await create_topics(settings)
            count = await fill(settings, plan.fixes, plan.devices)
            screen.print(f"{count:,} records of {plan.devices:,} devices are on the topics")
            seen: dict[Contestant, list[Rate]] = {one: [] for one in field}
            for number in range(plan.rounds):
                for one in list(seen):
                    entry = await one.enter(settings, f"{one.key}-{number}")
                    try:
                        measured = await rate(entry, settings, folder, count, plan.window_s)
                    except RuntimeError as error:  # drop this contestant and keep the results of the others
                        screen.print(f"[red]{one.title} failed:[/] {error}")
                        del seen[one]
                        continue
                    seen[one].append(measured)
                    screen.print(f"round {number + 1}, {one.title}: {measured}")
            most = median(one.events_per_s for one in seen[OURS])
            waited = []
            for pace in plan.paces:
                events_per_s = pace if pace > 1 else pace * most
                name = f"latency-{events_per_s:.0f}"
                one_pace = await latency(settings, folder, name, events_per_s, plan.lasts_s, plan.devices)
                screen.print(f"{events_per_s:,.0f} events/s: {one_pace}")
                waited.append(one_pace)
    return seen, waited


def _floors_held(seen: Mapping[Contestant, list[Rate]], waited: Sequence[Latency]) -> bool:
    floors = {}
    if STOCK in seen:
        floors[f"at least {FLOOR:.0f} times stock Faust"] = median(times(seen[OURS], seen[STOCK])) >= FLOOR
    if waited:
        floor = f"99th percentile under {P99_MAX_MS:.0f} ms at {waited[0].events_per_s:,.0f} events/s"
        floors[floor] = waited[0].p99_ms < P99_MAX_MS
    for floor, held in floors.items():
        console().print(f"{'[green]held[/]  ' if held else '[red]missed[/]'} {floor}")
    return all(floors.values())


def _versions(field: Sequence[Contestant]) -> list[str]:
    engines = dict.fromkeys(one.requirements for one in field if one.requirements)
    versions = [", ".join(pinned(engine)) for engine in engines]
    return [f"Engines: {'; '.join(versions)}."] if versions else []


def _describe(plan: Plan) -> str:
    return (
        f"{plan.fixes:,} fixes and {plan.fixes // PAYMENT_EVERY:,} payments of {plan.devices:,} devices, seed {SEED}; "
        f"{plan.rounds} rounds, each contestant once a round, at most {plan.window_s:.0f} s."
    )


if __name__ == "__main__":
    os.environ.pop("GEOVELOCITY_PORT_BASE", None)
    main()
