"""Records and batches without a broker."""

from dataclasses import dataclass
from typing import Any

from faust.types import TP

from agents.context import AgentContext
from agents.rules.parameters import DEFAULT
from agents.rules.publish.mask import Key, Masker
from agents.testing import InMemoryBatch
from schemas.topics import Topics
from schemas.verdict import Verdict, parse_verdict
from tests.support.make import NOON_MS, as_bytes

CONTEXT = AgentContext(Topics(), Masker(Key("k1", b"a key for tests, and for nothing else.")), DEFAULT)


@dataclass(frozen=True)
class FakeRecord:
    """A record of a topic."""

    key: bytes | None
    value: bytes | None
    topic: str = "transactions"
    partition: int = 0
    offset: int = 0
    timestamp: int = NOON_MS


def records_at(source: TP, *offsets: int) -> list[FakeRecord]:
    """Return records at these offsets. Their content does not matter."""
    return [FakeRecord(b"k", b"v", source.topic, source.partition, offset) for offset in offsets]


def keyed(record: dict[str, Any], key: str = "phone-1", timestamp: int = NOON_MS) -> FakeRecord:
    return FakeRecord(key.encode(), as_bytes(record), timestamp=timestamp)


FakeBatch = InMemoryBatch


def verdicts(batch: FakeBatch, topic: str = "verdicts") -> list[Verdict]:
    """Return the published verdicts, in order."""
    parsed = [parse_verdict(value) for value in batch.values(topic)]
    assert all(isinstance(one, Verdict) for one in parsed)
    return [one for one in parsed if isinstance(one, Verdict)]
