"""Files of a simulation, as `judge` and `score` read them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from app.simulate.label import Labels, encode_labels
from app.simulate.session import Session, SimulatedPush
from app.simulate.simulation import Plan, arrivals, sessions
from schemas.push import encode_push

LOCATIONS: Final = "locations.jsonl"
TRANSACTIONS: Final = "transactions.jsonl"
LABELS: Final = "labels.json"
REPORT_EVERY: Final = 100

Say = Callable[[str], None]


@dataclass(slots=True)
class ConditionCount:
    """Number of phones, fixes and payments of one condition."""

    phones: int = 0
    fixes: int = 0
    honest: int = 0
    impossible: int = 0

    def add(self, session: Session) -> None:
        self.phones += 1
        self.fixes += sum(len(pushed.push.fixes) for pushed in session.pushed)
        self.impossible += (impossible := sum(paid.label.impossible for paid in session.paid))
        self.honest += len(session.paid) - impossible


@dataclass(slots=True)
class ConditionCounts:
    """Counts by condition, and the labels of the payments counted until now."""

    by_condition: defaultdict[str, ConditionCount] = field(default_factory=lambda: defaultdict(ConditionCount))
    labels: Labels = field(default_factory=dict)

    def count_while_writing(self, begun: Iterable[tuple[int, Session]], say: Say) -> Iterator[tuple[int, Session]]:
        """Yield the sessions unchanged and count them."""
        for number, (start_ms, session) in enumerate(begun, start=1):
            self.by_condition[session.condition].add(session)
            yield start_ms, session
            if number % REPORT_EVERY == 0:
                fixes = sum(count.fixes for count in self.by_condition.values())
                say(f"simulated: {number} phones, {fixes} fixes, {len(self.labels)} payments")


def write(plan: Plan, folder: Path, say: Say) -> ConditionCounts:
    """Write the three files of a plan into a folder, which is created if it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    counts = ConditionCounts()
    with (folder / LOCATIONS).open("wb") as locations, (folder / TRANSACTIONS).open("wb") as transactions:
        for arrival in arrivals(counts.count_while_writing(sessions(plan), say)):
            if isinstance(arrival, SimulatedPush):
                locations.write(encode_push(arrival.push) + b"\n")
            else:
                transactions.write(msgspec.json.encode(arrival.record) + b"\n")
                counts.labels[arrival.record["transaction_id"]] = arrival.label
    (folder / LABELS).write_bytes(encode_labels(counts.labels))
    return counts
