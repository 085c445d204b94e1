"""`python -m tests.nightly.bench.state` measures many devices, with state in memory and in RocksDB.

First each backend processes the whole input. Then each is killed and restarted several times, in turn: with rows in
memory, with its files, and with its files deleted.
"""

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

import click
from rich.console import Console
from rich.table import Table

from app.cli.output import console
from app.local.ports import reserved_ports
from app.provisioning.topics import create_topics
from app.settings import Settings
from app.settings.state import state_store_dir
from deploy.local import kafka
from deploy.local.process import LocalProcess
from deploy.local.stack import Stack
from tests.nightly.bench.contestant import Entry, detector
from tests.nightly.bench.input import PAYMENT_EVERY, fill
from tests.nightly.bench.rate import committed
from tests.nightly.bench.report import write_section
from tests.nightly.bench.usage import cpu_s
from tests.support.scrape import ask, series, total
from tests.support.service import changed

STORES: Final = ("memory", "rocksdb")
POLL_S: Final = 0.1
DONE_WITHIN_S: Final = 1_800.0
MEMORY_MAX_MB: Final = 2_048.0
READY_WITHIN_S: Final = 60.0
MB: Final = 1e6


@dataclass(frozen=True, slots=True)
class Throughput:
    """Result of processing the input. `cpu_us`: CPU microseconds per event, of all threads. `peak_mb`: memory."""

    events_per_s: float
    cpu_us: float
    rows: int
    peak_mb: float
    disk_mb: float


@dataclass(frozen=True, slots=True)
class Recovery:
    """Recovery after kill -9. `ready_s`: since the start of the process. `rows_s`: since the assignment, part of it."""

    ready_s: float
    rows_s: float
    peak_mb: float


@dataclass
class Trial:
    """One backend, with output topics and a state folder of its own."""

    store: str
    settings: Settings
    entry: Entry
    process: LocalProcess
    throughput: Throughput | None = None
    recovered: dict[str, list[Recovery]] = field(default_factory=dict)

    @property
    def rows_dir(self) -> Path:
        return state_store_dir(self.settings.state_dir)


@click.command()
@click.option("--devices", default=500_000, show_default=True)
@click.option(
    "--pushes",
    default=4,
    show_default=True,
    help="Pushes of each device; a payment after every 50.",
)
@click.option("--store", "stores", multiple=True, type=click.Choice(STORES), help="Default: both.")
@click.option("--rounds", default=2, show_default=True, help="Restarts of each backend after a kill.")
@click.option("--report", is_flag=True, help="Write to the report.")
def main(devices: int, pushes: int, stores: tuple[str, ...], rounds: int, *, report: bool) -> None:
    """Measure and print. Exit with 1 if rows on disk miss a limit."""
    with tempfile.TemporaryDirectory(prefix="geovelocity-state-", ignore_cleanup_errors=True) as folder:
        bench = Bench(Path(folder), console(), devices, pushes)
        trials = asyncio.run(bench.run(stores or STORES, rounds))
    tables = throughputs(trials), recoveries(trials)
    console().print(*tables)
    if report:
        heading = f"`python -m tests.nightly.bench.state`: {devices:,} devices, {pushes} fixes of each."
        write_section("Many devices", [heading, *tables])
    sys.exit(0 if _floors_held(trials) else 1)


class Bench:
    """One broker and one input for all backends."""

    def __init__(self, folder: Path, screen: Console, devices: int, pushes: int) -> None:
        self._folder = folder
        self._screen = screen
        self._devices = devices
        self._pushes = pushes

    async def run(self, stores: Sequence[str], rounds: int) -> list[Trial]:
        with reserved_ports() as ports:
            async with Stack(self._folder, ports, self._screen.print) as stack:
                await stack.start_servers([kafka.command])
                base = Settings(_env_file=None, port_base=ports.kafka, state_dir=self._folder, session_timeout_s=6.0)
                await create_topics(base)
                count = await fill(base, self._pushes * self._devices, self._devices)
                self._screen.print(
                    f"{count:,} records of {self._devices:,} devices are on the topics, a payment in {PAYMENT_EVERY}"
                )
                trials = [await self._trial(base, store) for store in stores]
                try:
                    for trial in trials:
                        trial.throughput = await self._process_input(trial, count)
                    for _ in range(rounds):
                        for trial in trials:
                            await self._recover(trial)
                finally:
                    for trial in trials:
                        await trial.process.stop()
        return trials

    async def _trial(self, base: Settings, store: str) -> Trial:
        settings = changed(base, table_store=store, state_dir=self._folder / store)
        settings.state_dir.mkdir()
        entry = await detector(settings, store)
        return Trial(store, settings, entry, LocalProcess(entry.command, self._folder))

    async def _process_input(self, trial: Trial, count: int) -> Throughput:
        """Measure from the first commit until everything is consumed."""
        trial.process.start()
        await trial.process.wait_ready()
        async with committed(trial.settings, trial.entry.group) as progress:
            while not (began := await progress()):
                await asyncio.sleep(POLL_S)
            began_s, used_s = time.monotonic(), cpu_s(trial.process.pid)
            async with asyncio.timeout(DONE_WITHIN_S):
                while (done := await progress()) < count:
                    await asyncio.sleep(POLL_S)
        lasted_s, used_s = time.monotonic() - began_s, cpu_s(trial.process.pid) - used_s
        result = Throughput(
            (done - began) / lasted_s,
            1e6 * used_s / (done - began),
            round(await self._metric(trial, "geovelocity_table_rows")),
            peak_mb(trial.process.pid),
            size_mb(trial.rows_dir),
        )
        await self._kill(trial)
        self._screen.print(f"{trial.store}: {result.events_per_s:,.0f} events/s, {result.peak_mb:,.0f} MB at most")
        return result

    async def _recover(self, trial: Trial) -> None:
        ways: dict[str, Callable[[], None]] = {"rows in memory": lambda: None}
        if trial.store == "rocksdb":
            ways = {"with its files": lambda: None, "files deleted": lambda: shutil.rmtree(trial.rows_dir)}
        for way, prepare in ways.items():
            prepare()
            began_s = time.monotonic()
            trial.process.start()
            await trial.process.wait_ready()
            recovered = Recovery(
                time.monotonic() - began_s,
                await self._metric(trial, "geovelocity_recovery_seconds"),
                peak_mb(trial.process.pid),
            )
            await self._kill(trial)
            trial.recovered.setdefault(way, []).append(recovered)
            self._screen.print(f"{trial.store}, {way}: ready after {recovered.ready_s:.1f} s")

    async def _metric(self, trial: Trial, metric: str) -> float:
        status, text = await ask(trial.settings.ports.detector_health, "/metrics")
        if status != 200:
            raise RuntimeError(f"the worker exports no metrics: status {status}")
        return total(series(text), metric)

    @staticmethod
    async def _kill(trial: Trial) -> None:
        trial.process.kill()
        await trial.process.wait()


def _floors_held(trials: Sequence[Trial]) -> bool:
    on_disk = [trial for trial in trials if trial.store == "rocksdb"]
    peaks = [one.peak_mb for trial in on_disk for ways in trial.recovered.values() for one in ways]
    peaks += [trial.throughput.peak_mb for trial in on_disk if trial.throughput]
    ready = [one.ready_s for trial in on_disk for ways in trial.recovered.values() for one in ways]
    floors = {
        f"rows on disk in under {MEMORY_MAX_MB:,.0f} MB": max(peaks, default=0.0) < MEMORY_MAX_MB,
        f"rows on disk ready within {READY_WITHIN_S:.0f} s": max(ready, default=0.0) < READY_WITHIN_S,
    }
    for floor, held in floors.items():
        console().print(f"{'held' if held else 'MISSED'}: {floor}")
    return all(floors.values())


def throughputs(trials: Sequence[Trial]) -> Table:
    """Return a table of the throughput of each backend."""
    columns = ("", "events/s", "µs of processor an event", "rows", "MB at most", "MB on disk")
    table = Table(*columns, title="all devices, from nothing")
    for trial in trials:
        if one := trial.throughput:
            numbers = (f"{one.events_per_s:,.0f}", f"{one.cpu_us:.1f}", f"{one.rows:,}", f"{one.peak_mb:,.0f}")
            table.add_row(trial.store, *numbers, f"{one.disk_mb:,.0f}")
    return table


def recoveries(trials: Sequence[Trial]) -> Table:
    """Medians over the rounds, and the longest."""
    columns = ("", "ready after s", "longest", "of it reading rows", "MB at most")
    table = Table(*columns, title="killed and started again")
    for trial in trials:
        for way, rounds in trial.recovered.items():
            ready = [one.ready_s for one in rounds]
            rows_s, peak = median(one.rows_s for one in rounds), max(one.peak_mb for one in rounds)
            numbers = (median(ready), max(ready), rows_s)
            table.add_row(f"{trial.store}, {way}", *[f"{number:.1f}" for number in numbers], f"{peak:,.0f}")
    return table


def peak_mb(pid: int) -> float:
    """Return the peak memory of a process, from proc(5)."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / MB


def size_mb(folder: Path) -> float:
    """Return the size of the files in a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / MB if folder.exists() else 0.0


if __name__ == "__main__":
    main()
