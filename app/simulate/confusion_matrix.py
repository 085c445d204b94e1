"""Confusion matrix: how right verdicts are, by condition."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec

from app.errors import ConfigurationError
from app.simulate.label import ALL, Label
from schemas.verdict import Outcome

RECALL_FLOOR: Final = 0.995
FALSE_FLAGS_CEILING: Final = 0.002
"""Goals in every condition: minimum share of impossible payments flagged, maximum share of honest ones flagged."""

COLUMNS: Final = (
    "condition",
    "payments",
    "recall",
    "false flags",
    "precision",
    "not evaluable",
    "unanswered",
    "nearest caught",
    "farthest missed",
)

OutcomeByPayment = Mapping[str, Outcome]
"""Outcome by transaction id; None means no answer."""


@dataclass(slots=True)
class ConfusionMatrix:
    """Counts of one condition, with the distances in metres of caught and missed payments."""

    impossible: int = 0
    caught: int = 0
    honest: int = 0
    accused: int = 0
    not_evaluable: int = 0
    unanswered: int = 0
    caught_m: list[float] = field(default_factory=list)
    missed_m: list[float] = field(default_factory=list)

    def add(self, label: Label, outcome: Outcome | None) -> None:
        suspect = outcome is Outcome.SUSPECT
        self.impossible += label.impossible
        self.caught += label.impossible and suspect
        self.honest += not label.impossible
        self.accused += not label.impossible and suspect
        self.not_evaluable += outcome is Outcome.NOT_EVALUABLE
        self.unanswered += outcome is None
        if label.impossible and label.distance_m is not None:
            (self.caught_m if suspect else self.missed_m).append(label.distance_m)

    @property
    def recall(self) -> float:
        """Return the share of impossible payments that is flagged; 1 where there is none."""
        return self.caught / self.impossible if self.impossible else 1.0

    @property
    def false_flags(self) -> float:
        """Return the share of honest payments that is flagged; 0 where there is none."""
        return self.accused / self.honest if self.honest else 0.0

    @property
    def row(self) -> tuple[str, ...]:
        """Return the cells of `COLUMNS` after the condition."""
        payments = self.impossible + self.honest
        return (
            f"{payments}",
            _share(self.caught, self.impossible),
            _share(self.accused, self.honest),
            _share(self.caught, self.caught + self.accused),
            _share(self.not_evaluable, payments),
            f"{self.unanswered}",
            f"{min(self.caught_m):,.0f} m" if self.caught_m else "-",
            f"{max(self.missed_m):,.0f} m" if self.missed_m else "-",
        )


MatrixByCondition = dict[str, ConfusionMatrix]
"""Matrix by condition. The sum over all conditions is under `all`, the last entry."""


def confusion_matrices(labels: Mapping[str, Label], outcomes: OutcomeByPayment) -> MatrixByCondition:
    """Count the outcomes of the labelled payments. A payment without an outcome is unanswered."""
    tallies: defaultdict[str, ConfusionMatrix] = defaultdict(ConfusionMatrix)
    for transaction_id, label in labels.items():
        for condition in {label.condition, ALL}:
            tallies[condition].add(label, outcomes.get(transaction_id))
    return dict(sorted(tallies.items(), key=lambda item: (item[0] == ALL, item[0])))


def failed_conditions(tallies: MatrixByCondition) -> list[str]:
    """Return one sentence for each condition that misses its goal or has unanswered payments."""
    found = []
    for condition, counts in tallies.items():
        if counts.recall < RECALL_FLOOR:
            found.append(f"{condition}: recall {counts.recall:.4f} is below {RECALL_FLOOR}")
        if counts.false_flags > FALSE_FLAGS_CEILING:
            found.append(f"{condition}: false flags {counts.false_flags:.4f} are above {FALSE_FLAGS_CEILING}")
        if counts.unanswered:
            found.append(f"{condition}: {counts.unanswered} payments have no verdict")
    return found


def read_outcomes(verdicts: Iterable[bytes]) -> dict[str, Outcome]:
    """Read the outcomes from lines as `judge` writes them. The highest revision wins, as in the stores.

    Raises:
        ConfigurationError: a line is not a verdict.
    """
    newest: dict[str, _Answer] = {}
    for number, line in enumerate(verdicts, start=1):
        if not line.strip():
            continue
        try:
            answer = _decode(line)
        except msgspec.MsgspecError as error:
            raise ConfigurationError(f"line {number} of the verdicts is none ({error})") from None
        held = newest.get(answer.transaction_id)
        if held is None or answer.revision > held.revision:
            newest[answer.transaction_id] = answer
    return {name: answer.verdict for name, answer in newest.items()}


class _Answer(msgspec.Struct, frozen=True):
    transaction_id: str
    verdict: Outcome
    revision: int = 1


_decode = msgspec.json.Decoder(_Answer).decode


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.4f} ({part}/{whole})" if whole else "-"
