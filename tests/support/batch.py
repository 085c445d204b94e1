"""A batch without a broker: what an agent is given, and what it leaves."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from agents.policy import Policy
from agents.rules.mask import Key, Masker
from agents.rules.preset import DEFAULT
from schemas.fault import Fault
from schemas.topics import Topics
from schemas.verdict import Verdict, parse_verdict
from tests.support.make import NOON_MS, as_bytes

POLICY = Policy(Topics(), Masker(Key("k1", b"a key for tests, and for nothing else.")), DEFAULT)


@dataclass(frozen=True)
class FakeRecord:
    """A record as it lies on a topic."""

    key: bytes | None
    value: bytes | None
    topic: str = "transactions"
    partition: int = 0
    offset: int = 0
    timestamp: int = NOON_MS


def keyed(record: dict[str, Any], key: str = "phone-1", timestamp: int = NOON_MS) -> FakeRecord:
    return FakeRecord(key.encode(), as_bytes(record), timestamp=timestamp)


@dataclass
class FakeBatch:
    """Rows in a dictionary, outputs in lists by topic."""

    records: Iterable[FakeRecord] = ()
    rows: dict[bytes, bytes] = field(default_factory=dict)
    faults: Counter[Fault] = field(default_factory=Counter)
    sent: defaultdict[str, list[tuple[bytes | None, bytes]]] = field(default_factory=lambda: defaultdict(list))

    def get(self, key: bytes) -> bytes | None:
        return self.rows.get(key)

    def put(self, key: bytes, value: bytes | None) -> None:
        if value is None:
            self.rows.pop(key, None)
        else:
            self.rows[key] = value

    def send(self, topic: str, key: bytes | None, value: bytes) -> None:
        self.sent[topic].append((key, value))

    def count(self, fault: Fault, number: int = 1) -> None:
        self.faults[fault] += number

    def values(self, topic: str) -> Iterator[bytes]:
        return (value for _, value in self.sent[topic])


def verdicts(batch: FakeBatch, topic: str = "verdicts") -> list[Verdict]:
    """What was published, in order."""
    parsed = [parse_verdict(value) for value in batch.values(topic)]
    assert all(isinstance(one, Verdict) for one in parsed)
    return [one for one in parsed if isinstance(one, Verdict)]
