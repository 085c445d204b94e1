"""`geovelocity scoreboard`: accuracy of both presets on new simulations."""

import asyncio
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import click
from rich.table import Table

from agents.rules.parameters import DEFAULT, PAPER
from app.cli.output import console
from app.cli.score import confusion_table
from app.errors import GeovelocityError
from app.security.agent_context import agent_context
from app.settings import read_settings
from app.simulate.confusion_matrix import MatrixByCondition, confusion_matrices, failed_conditions, read_outcomes
from app.simulate.files import LOCATIONS, TRANSACTIONS, write
from app.simulate.label import ALL, Labels
from app.simulate.latency_evaluation import COLUMNS, delay_row, evaluate_latency
from app.simulate.recall_chart import curve, recall_chart
from app.simulate.simulation import SEED_MAX, Plan
from schemas.verdict import Outcome

PRESETS: Final = (DEFAULT.name, PAPER.name)
PAYMENTS: Final = 50_000
"""Three seeds of this size hold a hundred thousand honest payments."""

REPLAY_EVERY: Final = 20
"""One in this many payments of one seed is also replayed record by record; that takes as long as judging all."""

REPORT_EVERY_S: Final = 15

Progress = Callable[[str], None]


@dataclass(slots=True)
class Scores:
    """Ground truth and outcome per preset of every payment until now."""

    labels: Labels = field(default_factory=dict)
    outcomes: defaultdict[str, dict[str, Outcome]] = field(default_factory=lambda: defaultdict(dict))

    def matrices(self, preset: str) -> MatrixByCondition:
        return confusion_matrices(self.labels, self.outcomes[preset])


@click.command("scoreboard")
@click.option("--seeds", type=click.IntRange(min=1), default=3, show_default=True, help="How many new seeds to draw.")
@click.option(
    "--seed", "given", type=click.IntRange(0, SEED_MAX), multiple=True, help="Use this seed instead; repeatable."
)
@click.option("--payments", type=click.IntRange(min=1), default=PAYMENTS, show_default=True, help="For each seed.")
@click.option("--picture", type=click.Path(dir_okay=False, path_type=Path), help="Draw recall over distance: an SVG.")
def command(seeds: int, given: tuple[int, ...], payments: int, picture: Path | None) -> None:
    """Simulate with new seeds, judge with both presets, and print how right each is in every condition.

    Exits with 1 when the default preset misses a goal in a condition.
    """
    drawn = given or tuple(random.SystemRandom().sample(range(10**6), seeds))
    click.echo(f"seeds {' '.join(map(str, drawn))}", err=True)
    scores = Scores()
    for seed in drawn:
        evaluate(Plan(seed=seed, payments=payments), PRESETS, scores, lambda line: click.echo(line, err=True))
    screen = console()
    for preset in PRESETS:
        screen.print(confusion_table(scores.matrices(preset), title=f"preset {preset}"))
    if picture is not None:
        picture.parent.mkdir(parents=True, exist_ok=True)
        curves = [curve(preset, scores.matrices(preset)[ALL]) for preset in PRESETS]
        picture.write_text(recall_chart(curves), encoding="utf-8")
    screen.print(_delay_table(drawn[0], payments // REPLAY_EVERY))
    complaints = failed_conditions(scores.matrices(DEFAULT.name))
    for complaint in complaints:
        screen.print(f"[bold red]below the goal:[/] {complaint}")
    if not complaints:
        screen.print(f"[bold green]preset {DEFAULT.name} reaches the goal in every condition[/]")
    sys.exit(1 if complaints else 0)


def _delay_table(seed: int, payments: int) -> Table:
    """Return a table of the time from an impossible payment to its first suspicion, record by record."""
    table = Table(*COLUMNS, title=f"time from payment to suspicion, preset {DEFAULT.name}, {payments} payments")
    context = agent_context(read_settings())
    for condition, delays in evaluate_latency(Plan(seed=seed, payments=payments), context).items():
        table.add_row(condition, *delay_row(delays))
    return table


def evaluate(plan: Plan, presets: Sequence[str], scores: Scores, say: Progress) -> None:
    """Simulate one plan, judge it with all presets in parallel, and add the result to the scores."""
    with tempfile.TemporaryDirectory(prefix="geovelocity-score-") as name:
        folder = Path(name)
        scores.labels |= write(plan, folder, lambda line: say(f"seed {plan.seed}: {line}")).labels
        asyncio.run(_judge_all(folder, presets, lambda line: say(f"seed {plan.seed}: {line}")))
        for preset in presets:
            with _verdicts(folder, preset).open("rb") as verdicts:
                scores.outcomes[preset] |= read_outcomes(verdicts)


async def _judge_all(folder: Path, presets: Sequence[str], say: Progress) -> None:
    await asyncio.gather(*[_judge(folder, preset, say) for preset in presets])


async def _judge(folder: Path, preset: str, say: Progress) -> None:
    began_s = time.monotonic()
    judge = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.cli", "judge", "--preset", preset),
        *("--locations", folder / LOCATIONS, "--transactions", folder / TRANSACTIONS),
        *("--out", _verdicts(folder, preset)),
    )
    waiting = asyncio.create_task(judge.wait())
    while not (await asyncio.wait([waiting], timeout=REPORT_EVERY_S))[0]:
        say(f"preset {preset} is judging since {time.monotonic() - began_s:.0f} s")
    if judge.returncode:
        raise GeovelocityError(f"`judge --preset {preset}` ended with exit code {judge.returncode}")
    say(f"preset {preset} finished after {time.monotonic() - began_s:.0f} s")


def _verdicts(folder: Path, preset: str) -> Path:
    return folder / f"verdicts-{preset}.jsonl"
