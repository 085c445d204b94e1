"""Stage: a batch without a broker. What an agent is given, and what it leaves."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from agents.batch import CountedEvent, Record
from schemas.codes.fix_fault import FixFault


@dataclass
class InMemoryBatch:
    """As `agents.batch.Batch`, with rows in a dictionary and outputs in lists by topic."""

    records: Iterable[Record] = ()
    rows: dict[bytes, bytes] = field(default_factory=dict)
    sent: defaultdict[str, list[tuple[bytes | None, bytes]]] = field(default_factory=lambda: defaultdict(list))
    counts: Counter[CountedEvent] = field(default_factory=Counter)

    def get(self, key: bytes) -> bytes | None:
        return self.rows.get(key)

    def put(self, key: bytes, value: bytes | None) -> None:
        if value is None:
            self.rows.pop(key, None)
        else:
            self.rows[key] = value

    def send(self, topic: str, key: bytes | None, value: bytes) -> None:
        self.sent[topic].append((key, value))

    def count(self, what: CountedEvent, number: int = 1) -> None:
        self.counts[what] += number

    @property
    def faults(self) -> Counter[FixFault]:
        """Of fixes."""
        return Counter({what: number for what, number in self.counts.items() if isinstance(what, FixFault)})

    def values(self, topic: str) -> Iterator[bytes]:
        """What was sent to a topic."""
        return (value for _, value in self.sent[topic])
