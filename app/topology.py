"""THE MAP: every app, the topics it reads and writes, its agents and its table, in the direction records flow.

    phones ─> bridge ─> locations ──┐                      ┌─> verdicts ────────────────────┬─> sink-mongo
                                    ├─> detector (devices)─┼─> potential_fraud_transactions ┤
    card systems ───> transactions ─┤   ingest, score      └─> feedback <─ console ─────────┴─> sink-elastic
    geovelocity forget ─> erasures ─┘   forget
                                        tick <─> ticks

    potential_fraud_transactions ─> alert ─> webhook, e-mail, chat

    Every app writes a reference to each record that it cannot use to `dead_letters`. The detector writes `ticks` to
    itself where a partition is idle, so that event time advances there as well. It announces an erasure among the
    verdicts and the feedback, behind every earlier record of the device, so that sinks delete in the right order.

Topics are keyed by device id in UTF-8, partitioned by murmur2 (Kafka's default), and have one partition count. This
module calls each topic by its attribute in `schemas.topics.Topics`.
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
from app.settings.ports import Ports
from app.sinks.base import Dataset, Sink

Agent = Callable[[Batch, AgentContext], None]
RowExpiry = Callable[[Batch, bytes, int, AgentContext], None]


@dataclass(frozen=True, slots=True)
class Detector:
    """The app that keeps the table of devices and judges payments.

    `agents`: by the topic each reads. `row_maintenance`: runs for every row of the table about once an hour, by the
    event time of `time_topics`. `ticks`: the one of these that the detector writes itself.
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
    """An app that copies records into one store. To add a store, add its settings, its port, its class and a line here.

    `command`: its argument of `geovelocity worker`. `label`: the store's name in output. `reads`: the dataset for each
    topic. `store`: opens the store. `address`: the store's URL, which may contain a password. `health_port`: where its
    worker answers on this machine.
    """

    name: str
    command: str
    label: str
    reads: Mapping[str, Dataset]
    store: Callable[[Settings], Sink]
    address: Callable[[Settings], str]
    health_port: Callable[[Ports], int]
    writes: Sequence[str] = ("dead_letters",)


@dataclass(frozen=True, slots=True)
class AlertApp:
    """The app that notifies people through several channels. `groups`: one consumer group per channel."""

    name: str
    reads: Sequence[str]
    writes: Sequence[str]
    groups: Mapping[str, str]


DETECTOR: Final = Detector(
    name="detector",
    table="devices",
    row_maintenance=expire,
    agents=MappingProxyType({"locations": ingest_positions, "transactions": score, "ticks": tick, "erasures": forget}),
    writes=("verdicts", "suspects", "feedback", "dead_letters", "ticks"),
    time_topics=("locations", "ticks"),
    ticks="ticks",
)


def _open_mongo(settings: Settings) -> Sink:
    from app.sinks.mongo import MongoSink  # late, so that other processes do not load this driver

    return MongoSink(settings)


def _open_elastic(settings: Settings) -> Sink:
    from app.sinks.elasticsearch.sink import ElasticSink  # late, so that other processes do not load this driver

    return ElasticSink(settings)


_ALL_DATASETS: Final = MappingProxyType({dataset.value: dataset for dataset in Dataset})

SINKS: Final = (
    SinkApp(
        name="sink-mongo",
        command="mongo",
        label="MongoDB",
        reads=_ALL_DATASETS,
        store=_open_mongo,
        address=lambda settings: settings.mongo,
        health_port=lambda ports: ports.mongo_health,
    ),
    SinkApp(
        name="sink-elastic",
        command="elastic",
        label="Elasticsearch",
        reads=_ALL_DATASETS,
        store=_open_elastic,
        address=lambda settings: settings.elastic,
        health_port=lambda ports: ports.elastic_health,
    ),
)
"""Every sink. All that names the stores iterates over this."""

ALERTS: Final = AlertApp(
    name="alert",
    reads=("suspects",),
    writes=("dead_letters",),
    groups=MappingProxyType({channel: f"alert-{channel}" for channel in CHANNELS}),
)

FAUST_APPS: Final[Mapping[str, str]] = MappingProxyType(
    {DETECTOR.name: "app.main", **{sink.command: f"app.main:{sink.command}" for sink in SINKS}}
)
"""The Faust app that each argument of `geovelocity worker` starts."""
