"""Test doubles of a batch and a record, without a broker: for tests, for files and for evaluation."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from agents.batch import CountedEvent, Record
from schemas.codes.fix_fault import FixFault


class InMemoryRecord(NamedTuple):
    """A record (`agents.batch.Record`) that never was on a topic, such as a line of a file."""

    topic: str
    offset: int
    value: bytes
    partition: int = 0
    timestamp: int = 0
    key: bytes | None = None


@dataclass
class InMemoryBatch:
    """A batch (`agents.batch.Batch`) with rows in a dictionary and outputs in lists by topic."""

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

    def count(self, event: CountedEvent, number: int = 1) -> None:
        self.counts[event] += number

    @property
    def faults(self) -> Counter[FixFault]:
        """The counted faults of fixes."""
        return Counter({event: number for event, number in self.counts.items() if isinstance(event, FixFault)})

    def values(self, topic: str) -> Iterator[bytes]:
        """Return the values sent to a topic, in order."""
        return (value for _, value in self.sent[topic])
