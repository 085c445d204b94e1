"""Whole job: this service's agents over the state of another engine, which need not know what they keep there."""

from collections.abc import Iterable, Mapping, MutableMapping
from typing import NamedTuple, Protocol

from agents.batch import Batch, CountedEvent
from agents.batch import Record as AnyRecord
from agents.context import AgentContext
from agents.ingest_positions import ingest_positions
from agents.rules.parameters import DEFAULT
from agents.rules.publish.mask import Key, Masker
from agents.score import score
from schemas.topics import Topics


class Agent(Protocol):
    """`agents.ingest_positions.locate` is one."""

    def __call__(self, batch: Batch, context: AgentContext) -> None: ...


class Record(NamedTuple):
    """As `agents.batch.Record`."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None


class Sent(NamedTuple):
    """A message to send."""

    topic: str
    key: bytes | None
    value: bytes


class Cells:
    """As `agents.batch.Batch`: rows are changed at once in a mapping, and what was changed is noted."""

    def __init__(self, rows: MutableMapping[bytes, bytes]) -> None:
        self.records: Iterable[AnyRecord] = ()
        self.changed: dict[bytes, bytes | None] = {}
        self.sent: list[Sent] = []
        self._rows = rows

    def get(self, key: bytes) -> bytes | None:
        return self._rows.get(key)

    def put(self, key: bytes, value: bytes | None) -> None:
        self.changed[key] = value
        if value is None:
            self._rows.pop(key, None)
        else:
            self._rows[key] = value

    def send(self, topic: str, key: bytes | None, value: bytes) -> None:
        self.sent.append(Sent(topic, key, value))

    def count(self, event: CountedEvent, number: int = 1) -> None:
        """Nobody asks."""


def policy(group: str) -> AgentContext:
    """The default rule, and topics of this group's own for what is sent."""
    topics = Topics(verdicts=f"{group}-verdicts", suspects=f"{group}-suspects", dead_letters=f"{group}-dead_letters")
    return AgentContext(topics, Masker.of([Key("bench", b"a key for benches, and for nothing else.")]), DEFAULT)


def agents(prefix: str) -> Mapping[str, Agent]:
    """By the topic each reads."""
    return {f"{prefix}locations": ingest_positions, f"{prefix}transactions": score}
