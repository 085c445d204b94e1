"""The whole job: this service's agents on the state of another engine, as opaque bytes."""

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
    """An agent such as `agents.score.score`."""

    def __call__(self, batch: Batch, context: AgentContext) -> None: ...


class Record(NamedTuple):
    """A record like `agents.batch.Record`."""

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
    """A batch like `agents.batch.Batch`. It changes rows in a mapping at once and records the changes."""

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
        """Do nothing: the benchmark reads no counters."""


def agent_context(group: str) -> AgentContext:
    """Return a context with the default rule and with output topics of this group."""
    topics = Topics(verdicts=f"{group}-verdicts", suspects=f"{group}-suspects", dead_letters=f"{group}-dead_letters")
    return AgentContext(topics, Masker.of([Key("bench", b"a key for benches, and for nothing else.")]), DEFAULT)


def agents(prefix: str) -> Mapping[str, Agent]:
    """Return the agents by the topic that each reads."""
    return {f"{prefix}locations": ingest_positions, f"{prefix}transactions": score}
