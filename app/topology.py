"""THE MAP: every app, the topics it reads and writes, its agents and its table, as records flow.

    phones ─> bridge ─> locations ──┐                      ┌─> verdicts ────────────────────┬─> sink-mongo
                                    ├─> detector (devices)─┼─> potential_fraud_transactions ┤
    card systems ───> transactions ─┤   locate, score      └─> feedback <─ console ─────────┴─> sink-elastic
    geovelocity forget ─> erasures ─┘   forget
                                        tick <─> ticks

    potential_fraud_transactions ─> alert ─> webhook, e-mail, chat

    Whatever cannot be used goes from each of them to `dead_letters`. `ticks` are records the detector writes to itself
    where nothing else comes, so that time passes there, too. What `forget` has to say lies among the verdicts and the
    feedback, behind all that was said of the device before, so that sinks delete in the right order.

Topics are keyed by device id in UTF-8, partitioned by murmur2 (Kafka's default), and have one partition count.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from agents.batch import Batch
from agents.context import AgentContext
from agents.forget import forget
from agents.ingest_positions import ingest_positions
from agents.score import score
from agents.state.retention import expire
from agents.tick import tick
from app.settings import Settings
from app.settings.alerts import CHANNELS
from app.sinks.base import Dataset, Sink

Agent = Callable[[Batch, AgentContext], None]
RowExpiry = Callable[[Batch, bytes, int, AgentContext], None]


@dataclass(frozen=True, slots=True)
class Detector:
    """Keeps a table and judges.

    Topics are called by their names in `schemas.topics.Topics`. `agents`: by the topic each reads. `upkeep`: what is
    done to every row of the table about once an hour, by the clock of the records on the topics `clocks`. `ticks`:
    the one of these that it writes itself, by which time passes where nothing comes on the others.
    """

    name: str
    table: str
    row_maintenance: RowExpiry
    agents: Mapping[str, Agent]
    writes: Sequence[str]
    time_topics: Sequence[str]
    ticks: str


@dataclass(frozen=True, slots=True)
class SinkApp:
    """Copies records into one store. `reads`: topics, called as in `Detector`, and the shelf for what is on each."""

    name: str
    reads: Mapping[str, Dataset]
    store: Callable[[Settings], Sink]
    writes: Sequence[str] = ("dead_letters",)


DETECTOR: Final = Detector(
    name="detector",
    table="devices",
    row_maintenance=expire,
    agents=MappingProxyType({"locations": ingest_positions, "transactions": score, "ticks": tick, "erasures": forget}),
    writes=("verdicts", "suspects", "feedback", "dead_letters", "ticks"),
    time_topics=("locations", "ticks"),
    ticks="ticks",
)


def _mongo(settings: Settings) -> Sink:
    from app.sinks.mongo import MongoSink  # nobody else need wait for this driver, nor hold it in memory

    return MongoSink(settings)


def _elastic(settings: Settings) -> Sink:
    from app.sinks.elasticsearch.sink import ElasticSink  # the same

    return ElasticSink(settings)


_ALL: Final = MappingProxyType({shelf.value: shelf for shelf in Dataset})
MONGO: Final = SinkApp(name="sink-mongo", reads=_ALL, store=_mongo)
ELASTIC: Final = SinkApp(name="sink-elastic", reads=_ALL, store=_elastic)
SINKS: Final = (MONGO, ELASTIC)


@dataclass(frozen=True, slots=True)
class AlertApp:
    """Tells people, by several channels. `groups`: one for each, so that none holds up another."""

    name: str
    reads: Sequence[str]
    writes: Sequence[str]
    groups: Mapping[str, str]


ALERTS: Final = AlertApp(
    name="alert",
    reads=("suspects",),
    writes=("dead_letters",),
    groups=MappingProxyType({channel: f"alert-{channel}" for channel in CHANNELS}),
)
