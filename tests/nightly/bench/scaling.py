"""`python -m tests.nightly.bench.scaling` measures groups of one to eight workers on the same input.

On two processors, more than two workers are not faster. The CPU time per event shows the throughput on more processors.
"""

import asyncio
import os
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median

import click
from rich.table import Table

from app.cli.output import console
from app.local.ports import reserved_ports
from app.provisioning.topics import create_topics
from app.settings import Settings
from deploy.local import kafka
from deploy.local.stack import Stack
from tests.nightly.bench.contestant import namespaced
from tests.nightly.bench.input import fill
from tests.nightly.bench.rate import Rate, committed, rate_from_now
from tests.nightly.bench.report import write_section
from tests.support.service import running, worker


@click.command()
@click.option("--fixes", default=500_000, show_default=True)
@click.option("--devices", default=5_000, show_default=True)
@click.option("--workers", multiple=True, type=int, default=(1, 2, 4, 8), show_default=True)
@click.option("--rounds", default=2, show_default=True)
@click.option("--window", default=60.0, show_default=True, help="Seconds after which a measurement ends.")
@click.option("--report", is_flag=True, help="Write to the report.")
def main(fixes: int, devices: int, workers: tuple[int, ...], rounds: int, window: float, *, report: bool) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="geovelocity-bench-", ignore_cleanup_errors=True) as folder:
        table = asyncio.run(_bench(Path(folder), fixes, devices, workers, rounds, window))
    console().print(table)
    if report:
        heading = f"`python -m tests.nightly.bench.scaling`: broker and workers share {os.cpu_count()} processors."
        write_section("More workers", [heading, table])


async def _bench(
    folder: Path, fixes: int, devices: int, numbers: tuple[int, ...], rounds: int, window_s: float
) -> Table:
    screen = console()
    seen: dict[int, list[Rate]] = {number: [] for number in numbers}
    with reserved_ports() as ports:
        async with Stack(folder, ports, screen.print) as stack:
            await stack.start_servers([kafka.command])
            base = Settings(_env_file=None, port_base=ports.kafka, state_dir=folder)
            await create_topics(base)
            count = await fill(base, fixes, devices)
            screen.print(f"{count:,} records of {devices:,} devices on {base.partitions} partitions a topic")
            for turn in range(rounds):
                for number in numbers:
                    one = await _rate(base, f"of{number}-{turn}", number, folder, count, window_s)
                    seen[number].append(one)
                    screen.print(f"{number} workers: {one.events_per_s:,.0f} events/s, {one.cpu_us:.1f} µs an event")
    table = Table("workers", "events/s", "CPU s a million events", "MB a worker")
    for number, rates in seen.items():
        table.add_row(
            str(number),
            f"{median(one.events_per_s for one in rates):,.0f}",
            f"{median(one.cpu_us for one in rates):.1f}",
            f"{median(one.memory_mb for one in rates) / number:,.0f}",
        )
    return table


async def _rate(base: Settings, name: str, number: int, folder: Path, count: int, window_s: float) -> Rate:
    """Measure from the time when all workers have their partitions."""
    settings = namespaced(base, name)
    await create_topics(settings)
    async with AsyncExitStack() as stack:
        commands = [worker("detector", settings, place) for place in range(number)]
        processes = await stack.enter_async_context(running(*commands, folder=folder))
        progress = await stack.enter_async_context(committed(settings, f"{name}-detector"))
        return await rate_from_now(processes, progress, count, window_s)


if __name__ == "__main__":
    os.environ.pop("GEOVELOCITY_PORT_BASE", None)
    main()
