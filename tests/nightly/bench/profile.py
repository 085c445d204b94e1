"""`python -m tests.nightly.bench.profile` shows the CPU time of the detector by the purpose of the code."""

import asyncio
import os
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import click
from rich.table import Table

from app.cli.output import console
from app.local.ports import reserved_ports
from app.provisioning.topics import create_topics
from app.settings import Settings
from deploy.local import kafka
from deploy.local.process import LocalProcess
from deploy.local.stack import Stack
from tests.nightly.bench.contestant import detector
from tests.nightly.bench.environment import python_of
from tests.nightly.bench.input import fill
from tests.nightly.bench.rate import committed
from tests.nightly.bench.report import write_section
from tests.nightly.bench.usage import cpu_s

SAMPLES_PER_S: Final = 250
LONGEST_S: Final = 600
POLL_S: Final = 0.02

DESCRIPTION: Final = (
    "`python -m tests.nightly.bench.profile`: samples of the thread that holds the GIL, from the first commit on."
)

STAGES: Final = {
    "decode and validate": ("schemas/push", "schemas/payment", "schemas/json/strict_json", "schemas/json/identifier"),
    "mask": ("agents/rules/publish/mask", "agents/rules/publish/short_hash", "hmac.py", "base64.py"),
    "verdict: explain, encode": (
        "agents/rules/publish/verdict",
        "agents/rules/publish/reason",
        "schemas/verdict",
    ),
    "rule: evidence": ("agents/rules/evidence/",),
    "rule: decide": ("agents/rules/", "haversine/"),
    "state: load, change, save": ("agents/state/",),
    "agents: all else": ("agents/",),
    "batch, checkpoint, changelog, offsets": ("app/stream/", "app/observability/"),
    "produce": ("aiokafka/producer",),
    "fetch": ("aiokafka/consumer", "aiokafka/record"),
    "wire: sockets, protocol, group": ("aiokafka/",),
    "Faust and mode": ("faust/", "mode/"),
    "event loop": ("asyncio/", "selectors.py"),
}
"""Stages by names of files. A sample counts for the first stage that matches its innermost matching frame."""


@click.command()
@click.option("--fixes", default=500_000, show_default=True)
@click.option("--devices", default=5_000, show_default=True)
@click.option("--report", is_flag=True, help="Write to the report.")
def main(fixes: int, devices: int, *, report: bool) -> None:
    """Profile the detector while it processes a filled topic."""
    with tempfile.TemporaryDirectory(prefix="geovelocity-bench-", ignore_cleanup_errors=True) as folder:
        table = asyncio.run(_profile(Path(folder), fixes, devices))
    console().print(table)
    if report:
        write_section("Where the time goes", [DESCRIPTION, table])


async def _profile(folder: Path, fixes: int, devices: int) -> Table:
    screen, spy = console(), python_of("profile").parent / "py-spy"
    with reserved_ports() as ports:
        async with Stack(folder, ports, screen.print) as stack:
            await stack.start_servers([kafka.command])
            settings = Settings(_env_file=None, port_base=ports.kafka, state_dir=folder)
            await create_topics(settings)
            count = await fill(settings, fixes, devices)
            entry = await detector(settings, "profiled")
            process = LocalProcess(entry.command, folder)
            process.start()
            try:
                async with committed(settings, entry.group) as progress:
                    while not (began := await progress()):
                        await asyncio.sleep(POLL_S)
                    used_s = cpu_s(process.pid)
                    async with _recorded(spy, process.pid, folder / "stacks"):
                        while (done := await progress()) < count and process.running:
                            await asyncio.sleep(POLL_S)
                        if done < count:
                            raise RuntimeError(f"the detector has ended: see {process.log}")
                        used_s = cpu_s(process.pid) - used_s
            finally:
                await process.stop()
    stacks = (folder / "stacks").read_text(encoding="utf-8").splitlines()
    return _table(stacks, 1e6 * used_s / (done - began))


@asynccontextmanager
async def _recorded(spy: Path, pid: int, output: Path) -> AsyncIterator[None]:
    """Record the stacks of the thread that holds the GIL to a file, one line for each stack with its count.

    The outermost frame comes first. Other threads are left out, because they wait for the lock or for the network.
    """
    options = ["--rate", str(SAMPLES_PER_S), "--duration", str(LONGEST_S), "--format", "raw", "--gil"]
    recorder = await asyncio.create_subprocess_exec(
        *(str(spy), "record", "--pid", str(pid), *options, "--full-filenames", "--output", str(output)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        recorder.send_signal(signal.SIGINT)  # it writes its samples to the file
        await recorder.wait()


def _table(stacks: list[str], cpu_us: float) -> Table:
    by_stage: Counter[str] = Counter()
    for stack in stacks:
        frames, _, seen = stack.rpartition(" ")
        by_stage[_stage(frames.split(";"))] += int(seen)
    samples = sum(by_stage.values())
    table = Table("", "share", "µs an event", title=f"{cpu_us:.1f} µs of processor an event, {samples:,} samples")
    for stage in (*STAGES, "all else"):
        share = by_stage[stage] / samples
        table.add_row(stage, f"{share:.1%}", f"{cpu_us * share:.2f}")
    return table


def _stage(frames: list[str]) -> str:
    return next(_stages_of(frames), "all else")


def _stages_of(frames: list[str]) -> Iterator[str]:
    for frame in reversed(frames):
        for stage, names in STAGES.items():
            if any(name in frame for name in names):
                yield stage


if __name__ == "__main__":
    os.environ.pop("GEOVELOCITY_PORT_BASE", None)
    main()
