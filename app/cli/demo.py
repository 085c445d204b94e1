"""`geovelocity demo`: the whole service at work on this machine, with known truth."""

import asyncio
import contextlib
import os
import random
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click
import msgspec
from rich.console import Console
from rich.table import Table

from agents.rules.reason import metres
from app import local
from app.cli.console import console
from app.settings import PREFIX, Settings
from app.simulate.drive import Sample, drive
from app.simulate.inventory import Inventory, take_when_settled
from app.simulate.play import Play, Played, Script
from app.simulate.recording import recordings, replay
from app.sink.sink import Shelf
from app.topic import arrivals, reader
from deploy.local.ports import reserved_ports
from deploy.local.stack import Stack
from schemas.verdict import Outcome, Verdict

PHONES: Final = 20
CITIES: Final = ((40.7128, -74.0060), (51.5074, -0.1278), (48.8566, 2.3522), (35.6762, 139.6503))
SETTLE_WITHIN_S: Final = 60.0
ROWS_SHOWN: Final = 12


@dataclass(slots=True)
class Outcomes:
    """The verdicts as they arrived, by transaction id, and how long each payment waited for its first."""

    verdicts: dict[str, Verdict]
    waited_ms: dict[str, float]


@click.command("demo")
@click.option(
    "--tracks", type=click.Path(exists=True, file_okay=False, path_type=Path), help="A folder of recorded drives."
)
@click.option("--seconds", type=click.IntRange(5, 3600), default=45, show_default=True, help="How long to play.")
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same phones and cards.")
def command(tracks: Path | None, seconds: int, seed: int) -> None:
    """Start everything on this machine, play phones and cards for a while, and check what came out.

    TRACKS: CSV files (t, lat, lon, alt, speed, speed_acc, bearing, h_acc; or .gz) to play instead of made-up drives.
    Exits with 1 when a verdict is missing, or Kafka, MongoDB and Elasticsearch do not hold the same.
    """
    for name in [name for name in os.environ if name.startswith(PREFIX) and name != "GEOVELOCITY_CACHE"]:
        del os.environ[name]  # the demo has servers of its own, whatever this machine is set up for
    screen = console()
    with tempfile.TemporaryDirectory(prefix="geovelocity-demo-", ignore_cleanup_errors=True) as folder:
        problems = asyncio.run(_demo(Path(folder), Script(seconds=seconds, seed=seed), tracks, screen))
    for problem in problems:
        screen.print(f"[bold red]wrong:[/] {problem}")
    sys.exit(1 if problems else 0)


async def _demo(folder: Path, script: Script, tracks: Path | None, screen: Console) -> list[str]:
    with reserved_ports() as ports:
        settings = Settings(
            _env_file=None,
            port_base=ports.kafka,
            state_dir=folder,
            bridge_devices_file=folder / "devices.jsonl",
        )
        async with Stack(folder, ports, screen.print) as stack:
            screen.print("starting Kafka, Elasticsearch, a MongoDB-compatible server, the bridge and the workers")
            await stack.start_servers()
            await local.start_service(stack, settings)
            play = Play(settings, _tracks(tracks, script), script)
            outcomes = await _watched(settings, play, screen)
            verdicts = await take_when_settled(settings, Shelf.VERDICTS, len(play.played.payments), SETTLE_WITHIN_S)
            suspects = await take_when_settled(settings, Shelf.SUSPECTS, _suspects(outcomes), SETTLE_WITHIN_S)
    return _report(screen, play.played, outcomes, verdicts, suspects)


def _tracks(folder: Path | None, script: Script) -> list[Iterator[Sample]]:
    """One track a phone: made up in a few cities, or each recording in turn from somewhere in it."""
    chance = random.Random(script.seed)  # noqa: S311 - a play, not a secret
    if folder is None:
        return [drive(*CITIES[phone % len(CITIES)], random.Random(chance.random())) for phone in range(PHONES)]  # noqa: S311
    recorded = recordings(folder)
    tracks = [recorded[phone % len(recorded)] for phone in range(PHONES)]
    return [replay(track, chance.randrange(max(1, track[-1].second - script.length_s))) for track in tracks]


async def _watched(settings: Settings, play: Play, screen: Console) -> Outcomes:
    """Plays while a reader of its own notes each verdict at the moment it can be read."""
    outcomes = Outcomes({}, {})

    async def watch() -> None:
        async with reader(settings, settings.topics.verdicts) as consumer:
            async for now_s, record in arrivals(consumer):
                verdict = msgspec.json.decode(record.value or b"", type=Verdict)
                outcomes.verdicts[verdict.transaction_id] = verdict
                sent_at_s = play.played.sent_at_s.get(verdict.transaction_id, now_s)
                outcomes.waited_ms.setdefault(verdict.transaction_id, 1000 * (now_s - sent_at_s))

    async def perform() -> None:
        await play.run(screen.print)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_WITHIN_S):
                while len(outcomes.verdicts) < len(play.played.payments):
                    await asyncio.sleep(0.1)
        watching.cancel()

    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(watch())
        tasks.create_task(perform())
    return outcomes


def _suspects(outcomes: Outcomes) -> int:
    return sum(verdict.verdict is Outcome.SUSPECT for verdict in outcomes.verdicts.values())


def _report(screen: Console, played: Played, outcomes: Outcomes, verdicts: Inventory, suspects: Inventory) -> list[str]:
    screen.print()
    screen.print(_suspect_table(outcomes))
    screen.print(_store_table(verdicts, suspects))
    screen.print(_truth_table(played, outcomes))
    problems = [*verdicts.differences("verdicts"), *suspects.differences("potential_fraud_transactions")]
    if unanswered := played.payments.keys() - outcomes.verdicts.keys():
        problems.append(f"{len(unanswered)} of {len(played.payments)} payments have no verdict")
    if (found := _suspects(outcomes)) != len(suspects.kafka):
        problems.append(f"{found} verdicts are suspect but potential_fraud_transactions has {len(suspects.kafka)}")
    return problems


def _suspect_table(outcomes: Outcomes) -> Table:
    suspects = [verdict for verdict in outcomes.verdicts.values() if verdict.verdict is Outcome.SUSPECT]
    title = f"{len(suspects)} suspects" + (f", the first {ROWS_SHOWN}" if len(suspects) > ROWS_SHOWN else "")
    table = Table(title=title)
    for name in ("payment", "amount", "place", "distance"):
        table.add_column(name, no_wrap=True)
    for name in ("implied", "reported", "allowed"):
        table.add_column(f"{name}\nm/s", justify="right", no_wrap=True)
    table.add_column("reason", no_wrap=True)
    for verdict in suspects[:ROWS_SHOWN]:
        speeds = (verdict.implied_speed_mps, verdict.reported_speed_mps, verdict.allowed_speed_mps)
        table.add_row(
            verdict.transaction_id,
            f"{verdict.amount} {verdict.currency}",
            "-" if verdict.place is None else f"{verdict.place.lat:.3f} {verdict.place.lon:.3f}",
            "-" if verdict.distance_m is None else metres(verdict.distance_m),
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


def _store_table(verdicts: Inventory, suspects: Inventory) -> Table:
    table = Table("", "Kafka", "MongoDB", "Elasticsearch", title="what each holds, asked of it")
    for name, shelf in (("verdicts", verdicts), ("suspects", suspects)):
        table.add_row(name, *(str(len(place)) for place in (shelf.kafka, shelf.mongo, shelf.elastic)))
    return table


def _truth_table(played: Played, outcomes: Outcomes) -> Table:
    stolen = {name for name, payment in played.payments.items() if payment.stolen}
    suspect = {name for name, verdict in outcomes.verdicts.items() if verdict.verdict is Outcome.SUSPECT}
    honest = played.payments.keys() - stolen
    waited = sorted(outcomes.waited_ms.values())
    table = Table("", "", title="how right, how fast", show_header=False)
    table.add_row("positions played", str(played.fixes))
    table.add_row("payments judged", f"{len(outcomes.verdicts)} of {len(played.payments)}")
    table.add_row("stolen, and suspect", f"{len(stolen & suspect)} of {len(stolen)}")
    table.add_row("honest, and not suspect", f"{len(honest - suspect)} of {len(honest)}")
    if waited:
        table.add_row("payment to verdict, median", f"{statistics.median(waited):.0f} ms")
        table.add_row("payment to verdict, 99th percentile", f"{waited[int(0.99 * (len(waited) - 1))]:.0f} ms")
    return table
