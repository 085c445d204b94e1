"""`geovelocity score`: how right verdicts are."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import click
import msgspec
from rich.table import Table

from app.cli.console import console
from app.errors import ConfigurationError
from schemas.verdict import Outcome


class Label(msgspec.Struct, frozen=True):
    """What is known of a payment: whether its holder could have made it, and under which condition it was observed."""

    impossible: bool
    condition: str = "all"


class _Answer(msgspec.Struct, frozen=True):
    transaction_id: str
    verdict: Outcome
    revision: int = 1


@dataclass(slots=True)
class Tally:
    """Counts of one condition."""

    impossible: int = 0
    caught: int = 0
    honest: int = 0
    accused: int = 0
    not_evaluable: int = 0
    unanswered: int = 0

    def add(self, label: Label, outcome: Outcome | None) -> None:
        suspect = outcome is Outcome.SUSPECT
        self.impossible += label.impossible
        self.caught += label.impossible and suspect
        self.honest += not label.impossible
        self.accused += not label.impossible and suspect
        self.not_evaluable += outcome is Outcome.NOT_EVALUABLE
        self.unanswered += outcome is None

    @property
    def row(self) -> tuple[str, ...]:
        payments = self.impossible + self.honest
        return (
            f"{payments}",
            _share(self.caught, self.impossible),
            _share(self.accused, self.honest),
            _share(self.caught, self.caught + self.accused),
            _share(self.not_evaluable, payments),
            f"{self.unanswered}",
        )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.4f} ({part}/{whole})" if whole else "-"


def tally(labels: Mapping[str, Label], outcomes: Mapping[str, Outcome]) -> dict[str, Tally]:
    """Counts by condition, and over all of them under `all`."""
    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    for transaction_id, label in labels.items():
        for condition in {label.condition, "all"}:
            tallies[condition].add(label, outcomes.get(transaction_id))
    return dict(sorted(tallies.items(), key=lambda item: (item[0] == "all", item[0])))


@click.command("score")
@click.option("--labels", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@click.option("--verdicts", type=click.File("rb"), required=True, help="As `judge` writes them.")
def command(labels: Path, verdicts: IO[bytes]) -> None:
    """Compare verdicts with labels: recall, false flags, precision, share not evaluable, for each condition.

    LABELS is a JSON object: {"<transaction id>": {"impossible": true, "condition": "live 1 Hz"}, …}.
    """
    known = _read_labels(labels)
    table = Table("condition", "payments", "recall", "false flags", "precision", "not evaluable", "unanswered")
    for condition, counts in tally(known, _read_outcomes(verdicts)).items():
        table.add_row(condition, *counts.row)
    console().print(table)


def _read_labels(path: Path) -> dict[str, Label]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Label])
    except msgspec.MsgspecError as error:
        raise ConfigurationError(f"{path} is no file of labels ({error}): see `geovelocity score --help`") from None


def _read_outcomes(file: IO[bytes]) -> dict[str, Outcome]:
    """Of several revisions the highest counts, as in the stores."""
    newest: dict[str, _Answer] = {}
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            answer = msgspec.json.decode(line, type=_Answer)
        except msgspec.MsgspecError as error:
            raise ConfigurationError(f"line {number} of the verdicts is none ({error})") from None
        held = newest.get(answer.transaction_id)
        if held is None or answer.revision > held.revision:
            newest[answer.transaction_id] = answer
    return {name: answer.verdict for name, answer in newest.items()}
