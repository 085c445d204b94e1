"""`geovelocity demo`: the whole service on this machine, with simulated phones and cards."""

import asyncio
import contextlib
import os
import random
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import click
import msgspec
from rich.console import Console
from rich.table import Table

from agents.rules.publish.wording import format_distance
from app.cli.output import console
from app.kafka.topic_reader import reader, tail
from app.local import runner
from app.local.errors import local_stack_errors
from app.local.ports import reserved_ports
from app.settings import PREFIX, Settings
from app.simulate.conditions import CONDITIONS, Condition
from app.simulate.reconciliation import Reconciliation, reconcile_when_idle
from app.simulate.recording import Recording, recordings
from app.simulate.replay import Replay, ReplayCounts
from app.simulate.simulation import SEED_MAX, Plan, live
from app.sinks.base import Dataset
from app.topology import SINKS
from deploy.local.stack import Stack
from schemas.verdict import Outcome, Status, Verdict

PHONES: Final = 20
PAYMENTS_PER_S: Final = 4
CONDITION: Final = "live 1 Hz"
SETTLE_WITHIN_S: Final = 60.0
ROWS_SHOWN: Final = 12


@dataclass(slots=True)
class DemoResult:
    """Newest verdict by transaction id, seconds from payment to first verdict, and every payment ever suspect.

    A suspect that a later fix cleared stays on the topic of suspects, with the revision that clears it.
    """

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    waited_ms: dict[str, float] = field(default_factory=dict)
    accused: set[str] = field(default_factory=set)


@click.command("demo")
@click.option(
    "--tracks", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder of recorded drives."
)
@click.option("--seconds", type=click.IntRange(5, 3600), default=45, show_default=True, help="Length of the replay.")
@click.option(
    "--seed", type=click.IntRange(0, SEED_MAX), default=1, show_default=True, help="Same seed, same phones and cards."
)
def command(tracks: Path | None, seconds: int, seed: int) -> None:
    """Start everything on this machine, replay phones and cards, and check the result.

    TRACKS: CSV files (t, lat, lon, alt, speed, speed_acc, bearing, h_acc; or .gz) to replay instead of simulated
    drives. Exits with 1 when a verdict is missing, or Kafka, MongoDB and Elasticsearch differ.
    """
    for name in [name for name in os.environ if name.startswith(PREFIX) and name != "GEOVELOCITY_CACHE"]:
        del os.environ[name]  # the demo has its own servers and ignores the settings of this machine
    screen = console()
    with (
        tempfile.TemporaryDirectory(prefix="geovelocity-demo-", ignore_cleanup_errors=True) as folder,
        local_stack_errors(),
    ):
        problems = asyncio.run(_demo(Path(folder), _plan(seed, seconds, tracks), screen))
    for problem in problems:
        screen.print(f"[bold red]wrong:[/] {problem}")
    sys.exit(1 if problems else 0)


async def _demo(folder: Path, plan: Plan, screen: Console) -> list[str]:
    with reserved_ports() as ports:
        settings = Settings(
            _env_file=None,
            port_base=ports.kafka,
            state_dir=folder,
            bridge_devices_file=folder / "devices.jsonl",
        )
        async with Stack(folder, ports, screen.print) as stack:
            screen.print("starting Kafka, Elasticsearch, a MongoDB-compatible server, bridge, workers and console")
            await stack.start_servers()
            await runner.start_service(stack, settings)
            screen.print(f"[bold]the console, while the demo runs: {settings.console}[/]")
            for name, url in runner.metrics_urls(ports).items():
                screen.print(f"metrics of {name}: {url}")
            replay = Replay(settings, plan)
            outcomes = await _observe(settings, replay, screen)
            verdicts = await reconcile_when_idle(settings, Dataset.VERDICTS, len(replay.counts.labels), SETTLE_WITHIN_S)
            suspects = await reconcile_when_idle(settings, Dataset.SUSPECTS, len(outcomes.accused), SETTLE_WITHIN_S)
    return _report(screen, replay.counts, outcomes, verdicts, suspects)


def _plan(seed: int, seconds: int, tracks: Path | None) -> Plan:
    """Return a plan of phones that report every second: simulated, or one recording after the other."""
    conditions = (CONDITIONS[CONDITION],) if tracks is None else _recorded(seed, seconds, tracks)
    payments = seconds * PAYMENTS_PER_S
    return live(seed, seconds, payments, a_session=max(1, payments // PHONES), conditions=conditions)


def _recorded(seed: int, seconds: int, folder: Path) -> tuple[Condition, ...]:
    chance = random.Random(seed)  # noqa: S311 - a simulation, not a secret
    recorded = recordings(folder)
    conditions = []
    for phone in range(PHONES):
        fixes = recorded[phone % len(recorded)]
        start_s = chance.randrange(max(1, fixes[-1].at_ms // 1000 - seconds))
        conditions.append(Recording(fixes, start_s).condition(f"recorded drive {phone}"))
    return tuple(conditions)


async def _observe(settings: Settings, replay: Replay, screen: Console) -> DemoResult:
    """Run the replay while a consumer records when each verdict becomes readable."""
    outcomes = DemoResult()

    async def watch() -> None:
        async with reader(settings, settings.topics.verdicts) as consumer:
            async for now_s, record in tail(consumer):
                verdict = msgspec.json.decode(record.value or b"", type=Verdict)
                outcomes.verdicts[verdict.transaction_id] = verdict
                if verdict.verdict is Outcome.SUSPECT:
                    outcomes.accused.add(verdict.transaction_id)
                sent_at_s = replay.counts.sent_at_s.get(verdict.transaction_id, now_s)
                outcomes.waited_ms.setdefault(verdict.transaction_id, 1000 * (now_s - sent_at_s))

    async def perform() -> None:
        await replay.run(screen.print)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_WITHIN_S):
                while len(outcomes.verdicts) < len(replay.counts.labels):
                    await asyncio.sleep(0.1)
        watching.cancel()

    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(watch())
        tasks.create_task(perform())
    return outcomes


def _report(
    screen: Console, counts: ReplayCounts, outcomes: DemoResult, verdicts: Reconciliation, suspects: Reconciliation
) -> list[str]:
    screen.print()
    screen.print(_suspect_table(outcomes))
    screen.print(_store_table(verdicts, suspects))
    screen.print(_truth_table(counts, outcomes))
    problems = [*verdicts.differences("verdicts"), *suspects.differences("potential_fraud_transactions")]
    if unanswered := counts.labels.keys() - outcomes.verdicts.keys():
        problems.append(f"{len(unanswered)} of {len(counts.labels)} payments have no verdict")
    if (found := len(outcomes.accused)) != len(suspects.kafka):
        problems.append(f"{found} payments were suspect but potential_fraud_transactions has {len(suspects.kafka)}")
    return problems


def _suspect_table(outcomes: DemoResult) -> Table:
    suspects = [verdict for verdict in outcomes.verdicts.values() if verdict.verdict is Outcome.SUSPECT]
    title = f"{len(suspects)} suspects" + (f", the first {ROWS_SHOWN}" if len(suspects) > ROWS_SHOWN else "")
    table = Table(title=title)
    for name in ("payment", "amount", "place", "distance"):
        table.add_column(name, no_wrap=True)
    for name in ("implied", "reported", "allowed"):
        table.add_column(f"{name}\nm/s", justify="right", no_wrap=True)
    table.add_column("reason", overflow="fold")
    for verdict in suspects[:ROWS_SHOWN]:
        speeds = (verdict.implied_speed_mps, verdict.reported_speed_mps, verdict.allowed_speed_mps)
        table.add_row(
            verdict.transaction_id,
            f"{verdict.amount} {verdict.currency}",
            "-" if verdict.place is None else f"{verdict.place.lat:.3f} {verdict.place.lon:.3f}",
            "-" if verdict.distance_m is None else format_distance(verdict.distance_m),
            *map(_speed, speeds),
            ", ".join(verdict.codes),
        )
    if suspects:
        table.caption = f"{suspects[0].transaction_id} in a sentence: {suspects[0].reason}"
    return table


def _speed(speed_mps: float | None) -> str:
    if speed_mps is None:
        return "-"
    return f"{speed_mps:,.0f}" if speed_mps >= 100 else f"{speed_mps:.1f}"


def _store_table(verdicts: Reconciliation, suspects: Reconciliation) -> Table:
    table = Table("", "Kafka", *(sink.label for sink in SINKS), title="documents in each store")
    for name, shelf in (("verdicts", verdicts), ("suspects", suspects)):
        table.add_row(name, *(str(len(place)) for place in (shelf.kafka, *shelf.stores.values())))
    return table


def _truth_table(counts: ReplayCounts, outcomes: DemoResult) -> Table:
    stolen = {name for name, label in counts.labels.items() if label.stolen}
    suspect = {name for name, verdict in outcomes.verdicts.items() if verdict.verdict is Outcome.SUSPECT}
    honest = counts.labels.keys() - stolen
    waited = sorted(outcomes.waited_ms.values())
    table = Table("", "", title="accuracy and latency", show_header=False)
    table.add_row("positions played", str(counts.fixes))
    final = sum(verdict.status is Status.FINAL for verdict in outcomes.verdicts.values())
    table.add_row("payments judged", f"{len(outcomes.verdicts)} of {len(counts.labels)}, {final} of them final")
    table.add_row("stolen, and suspect", f"{len(stolen & suspect)} of {len(stolen)}")
    table.add_row("honest, and not suspect", f"{len(honest - suspect)} of {len(honest)}")
    if waited:
        table.add_row("payment to verdict, median", f"{statistics.median(waited):.0f} ms")
        table.add_row("payment to verdict, 99th percentile", f"{waited[int(0.99 * (len(waited) - 1))]:.0f} ms")
    return table
