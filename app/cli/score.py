"""`geovelocity score`: verdicts compared with the ground truth."""

import sys
from pathlib import Path
from typing import IO

import click
from rich.table import Table

from app.cli.output import console
from app.simulate.confusion_matrix import (
    COLUMNS,
    FALSE_FLAGS_CEILING,
    RECALL_FLOOR,
    MatrixByCondition,
    confusion_matrices,
    failed_conditions,
    read_outcomes,
)
from app.simulate.label import read_labels


@click.command("score")
@click.option("--labels", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@click.option("--verdicts", type=click.File("rb"), required=True, help="Verdicts as `judge` writes them.")
@click.option(
    "--floors",
    is_flag=True,
    help=f"Exit with 1 where recall is below {RECALL_FLOOR} or false flags are above {FALSE_FLAGS_CEILING}.",
)
def command(labels: Path, verdicts: IO[bytes], floors: bool) -> None:
    """Compare verdicts with labels: recall, false flags, precision, share not evaluable, for each condition.

    LABELS is a JSON object: {"<transaction id>": {"impossible": true, "condition": "live 1 Hz"}, …}. With
    "distance_m", the table also has the smallest distance caught and the largest one missed.
    """
    tallies = confusion_matrices(read_labels(labels), read_outcomes(verdicts))
    console().print(confusion_table(tallies))
    if floors:
        complaints = failed_conditions(tallies)
        for complaint in complaints:
            click.echo(complaint, err=True)
        sys.exit(1 if complaints else 0)


def confusion_table(tallies: MatrixByCondition, title: str | None = None) -> Table:
    """Return a table with one row per condition."""
    table = Table(*COLUMNS, title=title)
    for condition, counts in tallies.items():
        table.add_row(condition, *counts.row)
    return table
