"""`geovelocity simulate`: simulated phones and cards, with the ground truth of every payment."""

import asyncio
import random
from pathlib import Path
from typing import Final

import click
from rich.table import Table

from app.cli.output import console
from app.settings import read_settings
from app.simulate.conditions import CONDITIONS
from app.simulate.files import ConditionCount, ConditionCounts, write
from app.simulate.label import ALL, encode_labels
from app.simulate.permission import forbid_in_production
from app.simulate.simulation import SEED_MAX, Plan, live

PAYS_EVERY_S: Final = 5
"""Seconds between two payments of a card in a live simulation."""


@click.command("simulate")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write files into this folder.")
@click.option("--live", "is_live", is_flag=True, help="Write to the topics in real time instead.")
@click.option(
    "--seed", type=click.IntRange(0, SEED_MAX), help="The same seed makes the same bytes; default: a new one."
)
@click.option(
    "--condition",
    "names",
    type=click.Choice(list(CONDITIONS)),
    metavar="NAME",
    multiple=True,
    help="Only this condition; repeatable. Default: all.",
)
@click.option("--payments", type=click.IntRange(min=1), default=10_000, show_default=True, help="Files: how many.")
@click.option("--payments-per-s", type=click.FloatRange(min=0.1), default=80.0, show_default=True, help="Live.")
@click.option("--seconds", type=click.IntRange(5, 3600), default=60, show_default=True, help="Live: length in seconds.")
@click.option("--straight", is_flag=True, help="Live: write positions to their topic, not through the bridge.")
@click.option(
    "--labels",
    type=click.Path(dir_okay=False, path_type=Path),
    default="labels.json",
    show_default=True,
    help="Live: file for the ground truth of the payments.",
)
def command(  # noqa: PLR0913, PLR0917 - click passes each option separately
    out: Path | None,
    is_live: bool,
    seed: int | None,
    names: tuple[str, ...],
    payments: int,
    payments_per_s: float,
    seconds: int,
    straight: bool,
    labels: Path,
) -> None:
    """Simulate phones and cards under all conditions, in equal shares.

    --out writes three files: locations.jsonl and transactions.jsonl hold records as on the topics, in order of
    arrival; labels.json says for every payment whether its holder could have made it. --live writes to the topics of
    the configured servers in real time; it refuses in production.
    """
    if is_live == (out is not None):
        raise click.UsageError("give either --out FOLDER or --live")
    if seed is None:
        seed = random.SystemRandom().randrange(10**6)
        _say(f"seed {seed}")
    conditions = tuple(CONDITIONS[name] for name in names or CONDITIONS)
    if out is not None:
        counts = write(Plan(seed=seed, payments=payments, conditions=conditions), out, _say)
        console().print(conditions_table(counts))
    else:
        payments = round(seconds * payments_per_s)
        plan = live(seed, seconds, payments, a_session=max(1, seconds // PAYS_EVERY_S), conditions=conditions)
        _play(plan, labels, by_bridge=not straight)


def _play(plan: Plan, labels: Path, *, by_bridge: bool) -> None:
    from app.simulate.replay import Replay  # late: writing files needs no Kafka client

    settings = read_settings()
    forbid_in_production(settings, "geovelocity simulate --live")
    _say("generating phones and cards")
    replay = Replay(settings, plan, by_bridge=by_bridge)
    try:
        asyncio.run(replay.run(_say))
    finally:
        labels.write_bytes(encode_labels(replay.counts.labels))
    counts = replay.counts
    table = Table("", "", show_header=False)
    table.add_row("positions kept", f"{counts.fixes}")
    table.add_row("pushes rejected by the bridge", f"{counts.rejected}")
    table.add_row("payments", f"{len(counts.labels)}")
    table.add_row("of these impossible", f"{sum(label.impossible for label in counts.labels.values())}")
    table.add_row("ground truth in", f"{labels}")
    table.add_row("maximum delay", f"{1000 * counts.behind_s:.0f} ms")
    console().print(table)


def conditions_table(counts: ConditionCounts) -> Table:
    """Return a table with one row per condition and their sum."""
    table = Table("condition")
    for name in ("phones", "fixes", "payments", "honest", "impossible"):
        table.add_column(name, justify="right")
    total = ConditionCount()
    for condition, count in counts.by_condition.items():
        table.add_row(condition, *_row(count))
        total.phones += count.phones
        total.fixes += count.fixes
        total.honest += count.honest
        total.impossible += count.impossible
    table.add_row(ALL, *_row(total))
    return table


def _row(count: ConditionCount) -> tuple[str, ...]:
    return tuple(map(str, (count.phones, count.fixes, count.honest + count.impossible, count.honest, count.impossible)))


def _say(line: str) -> None:
    click.echo(line, err=True)
