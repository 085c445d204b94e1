"""`python -m tests.nightly.bench.phones` finds the number of phones that one bridge can serve, with a real broker.

The phones are in a process of their own and push once a second each. If the 99th percentile of the response times
reaches a second, or the bridge rejects a push, a binary search finds a smaller number.
"""

import asyncio
import json
import re
import sys
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from rich.table import Table

from app.cli.output import console
from app.local import runner
from app.local.ports import reserved_ports
from app.provisioning.topics import create_topics
from app.settings import Settings
from deploy.local import kafka
from deploy.local.process import LocalProcess
from deploy.local.stack import Stack
from sensor_logger_bridge.devices.registry import DeviceRegistry
from tests.nightly.bench.load_generator import PERIOD_S, Plan, PushResults
from tests.nightly.bench.usage import cpu_s
from tests.support.service import changed

P99_MS = 1000.0
KEPT_SHARE = 0.999
RAMP_PHONES_PER_S = 250
EARLY_S = 10.0
ROUNDS = 5
SPARE_CONNECTIONS = 500
COLUMNS = "phones;pushes/s kept;p50 ms;p99 ms;max ms;not kept;cut off;CPU;MiB at 10 s;MiB at the end".split(";")


@dataclass(frozen=True, slots=True)
class Trial:
    """Result for a number of phones: answers, the bridge's memory after ten seconds and at the end, its CPU share."""

    phones: int
    seconds: float
    results: PushResults
    early_mib: float
    late_mib: float
    cpu_share: float

    @property
    def kept(self) -> int:
        return self.results.answers["200"]

    @property
    def p99_ms(self) -> float:
        return self.results.waited_ms[99] if self.results.waited_ms else float("inf")

    @property
    def passes(self) -> bool:
        return self.p99_ms < P99_MS and self.kept >= KEPT_SHARE * self.results.due


@click.command()
@click.option("--phones", default=5_000, show_default=True, help="Each pushes once a second.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=2 * EARLY_S),
    default=60.0,
    show_default=True,
    help="Length of a trial, once all phones are connected.",
)
@click.option("--narrow/--once", default=True, show_default=True, help="Search for a number that passes.")
def main(phones: int, seconds: float, narrow: bool) -> None:
    """Measure and print. Exit with 1 if the bridge serves fewer phones than requested."""
    with tempfile.TemporaryDirectory(prefix="geovelocity-phones-", ignore_cleanup_errors=True) as folder:
        passing = asyncio.run(_bench(Path(folder), phones, seconds, narrow=narrow))
    sys.exit(0 if passing >= phones else 1)


async def _bench(folder: Path, phones: int, seconds: float, *, narrow: bool) -> int:
    trials: list[Trial] = []
    with reserved_ports() as ports:
        async with Stack(folder, ports, console().print) as stack:
            await stack.start_servers([kafka.command])
            settings = Settings(
                _env_file=None,
                port_base=ports.kafka,
                state_dir=folder,
                bridge_devices_file=folder / "devices.jsonl",
                bridge_connections_max=phones + SPARE_CONNECTIONS,
            )
            await create_topics(settings)
            passing, too_many = 0, phones
            trials.append(await _trial(settings, folder, phones, seconds))
            if trials[-1].passes:
                passing = phones
            for _ in range(ROUNDS if narrow and not passing else 0):
                middle = (passing + too_many) // 2
                trials.append(await _trial(settings, folder, middle, max(2 * EARLY_S, seconds / 2)))
                passing, too_many = (middle, too_many) if trials[-1].passes else (passing, middle)
            if narrow and 0 < passing < phones:
                trials.append(await _trial(settings, folder, passing, seconds))
    _report(trials)
    return passing


async def _trial(settings: Settings, folder: Path, phones: int, seconds: float) -> Trial:
    """Run one trial with a bridge of its own, so that its memory is that of these phones."""
    devices = folder / f"devices-{phones}.jsonl"
    tokens = DeviceRegistry(devices).add_all([f"phone-{number}" for number in range(phones)])
    settings = changed(settings, bridge_devices_file=devices)
    plan = Plan(settings.bridge[1], tokens, ramp_s=phones / RAMP_PHONES_PER_S, seconds=seconds)
    bridge = LocalProcess(runner.bridge(settings, restart=False), folder)
    bridge.start()
    try:
        await bridge.wait_ready()
        generator = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.nightly.bench.load_generator",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parent.parent.parent.parent,
        )
        result = asyncio.create_task(generator.communicate(json.dumps(asdict(plan)).encode()))
        await asyncio.sleep(plan.ramp_s + PERIOD_S + EARLY_S)
        early = _memory_mib(bridge.pid), cpu_s(bridge.pid)
        await asyncio.sleep(seconds - EARLY_S)
        late = _memory_mib(bridge.pid), cpu_s(bridge.pid)
        output, _ = await result
        if generator.returncode:
            raise SystemExit("the load generator failed: its output is above")
    finally:
        await bridge.stop()
    raw = json.loads(output)
    results = PushResults(**raw | {"answers": Counter(raw["answers"])})
    trial = Trial(phones, seconds, results, early[0], late[0], (late[1] - early[1]) / (seconds - EARLY_S))
    console().print(f"{phones} phones: {trial.kept / seconds:,.0f} pushes/s kept, p99 {trial.p99_ms:,.0f} ms")
    return trial


def _memory_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def _report(trials: list[Trial]) -> None:
    table = Table(title="phones that push once a second")
    for name in COLUMNS:
        table.add_column(name, justify="right")
    for trial in trials:
        results = trial.results
        rejected = {status: count for status, count in results.answers.items() if status != "200"}
        waited = results.waited_ms or [float("nan")] * 101
        table.add_row(
            f"{trial.phones:,}",
            f"{trial.kept / trial.seconds:,.0f}",
            f"{waited[50]:,.0f}",
            f"{waited[99]:,.0f}",
            f"{waited[100]:,.0f}",
            f"{results.unanswered} unanswered {rejected or ''}",
            str(results.cut_off),
            f"{trial.cpu_share:.0%}",
            f"{trial.early_mib:.0f}",
            f"{trial.late_mib:.0f}",
        )
    console().print(table)


if __name__ == "__main__":
    main()
