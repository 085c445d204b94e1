"""The job of this service on Bytewax: Kafka source, a stateful step keyed by device, Kafka sink, recovery store.

Offsets and the state of the devices that an epoch has touched go into SQLite at its end, after the sink has flushed
it: what a crash undoes is read again, and the verdicts of its last epochs are sent twice. The store is one file on one
disk, not a changelog that another machine could read; the sink does not look whether the broker took a verdict, so one
that it refuses for good is lost unsaid. With BENCH_RULE=last nothing is validated or masked, and a record that cannot
be read ends the process; with `full` rows are not kept up, so a phone that falls silent keeps its payments open.
"""

import os
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TypeAlias

from bytewax import operators as op
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource, KafkaSourceMessage
from bytewax.dataflow import Dataflow
from bytewax.operators import StatefulBatchLogic
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.run import cli_main
from confluent_kafka.admin import AdminClient, NewTopic

from tests.nightly.bench.contestants import last_fix, whole_job
from tests.nightly.bench.contestants.last_fix import Payment, Push, Remembered
from tests.nightly.bench.contestants.whole_job import Cells, Record

KAFKA = os.environ["BENCH_KAFKA"]
GROUP = os.environ["BENCH_GROUP"]
PREFIX = os.environ["BENCH_PREFIX"]
RULE = os.environ["BENCH_RULE"]
PARTITIONS = int(os.environ["BENCH_PARTITIONS"])
LOCATIONS, TRANSACTIONS = f"{PREFIX}locations", f"{PREFIX}transactions"
COMMIT_INTERVAL = timedelta(seconds=float(os.environ["BENCH_COMMIT_INTERVAL_S"]))

SOURCE_RECORDS = 1000
"""At a poll: the source's default, which its documentation calls right for throughput."""

SINK = {"partitioner": "murmur2_random", "enable.idempotence": "true"}
POLICY = whole_job.policy(GROUP)
AGENTS = whole_job.agents(PREFIX)

Message: TypeAlias = KafkaSourceMessage[bytes | None, bytes | None]
Out: TypeAlias = KafkaSinkMessage[bytes | None, bytes | None]


class LastFix(StatefulBatchLogic[Push | Payment, Out, Remembered | None]):  # type: ignore[misc]  # has types in its own environment
    """The state of a device is its last fix."""

    def __init__(self, last: Remembered | None) -> None:
        self._last = last

    def on_batch(self, values: list[Push | Payment]) -> tuple[Iterable[Out], bool]:
        out = []
        for value in values:
            if isinstance(value, Push):
                self._last = last_fix.remembered(value)
            else:
                out.append(KafkaSinkMessage(value.device_id.encode(), last_fix.verdict(value, self._last)))
        return out, self.RETAIN

    def snapshot(self) -> Remembered | None:
        return self._last


class WholeJob(StatefulBatchLogic[Record, Out, dict[bytes, bytes]]):  # type: ignore[misc]  # as above
    """The state of a device is its cells."""

    def __init__(self, rows: dict[bytes, bytes] | None) -> None:
        self._rows = rows or {}

    def on_batch(self, values: list[Record]) -> tuple[Iterable[Out], bool]:
        cells = Cells(self._rows)
        for topic, records in groupby(values, attrgetter("topic")):
            cells.records = records
            AGENTS[topic](cells, POLICY)
        return [KafkaSinkMessage(sent.key, sent.value, sent.topic) for sent in cells.sent], self.RETAIN

    def snapshot(self) -> dict[bytes, bytes]:
        return self._rows.copy()


def parsed(messages: list[Message]) -> Iterator[tuple[str, Push | Payment]]:
    """Return the parsed records by device."""
    for message in messages:
        assert message.value is not None
        value = (last_fix.parse_push if message.topic == LOCATIONS else last_fix.parse_payment)(message.value)
        yield value.device_id, value


def keyed(messages: list[Message]) -> Iterator[tuple[str, Record]]:
    """The records as they are, by their keys."""
    for message in messages:
        assert message.topic is not None
        assert message.partition is not None
        assert message.offset is not None
        assert message.timestamp is not None
        told = (message.topic, message.partition, message.offset, message.timestamp[1], message.key, message.value)
        yield (message.key or b"").decode(errors="replace"), Record(*told)


def flow() -> Dataflow:
    """The dataflow. `flat_map_batch` is what `map` and `key_on` are made of, without a call a record."""
    dataflow = Dataflow("bench")
    source = KafkaSource([KAFKA], [LOCATIONS, TRANSACTIONS], batch_size=SOURCE_RECORDS)
    messages = op.input("source", dataflow, source)
    if RULE == "full":
        answers = op.stateful_batch("devices", op.flat_map_batch("keyed", messages, keyed), WholeJob)
        sink = KafkaSink([KAFKA], None, SINK)
    else:
        answers = op.stateful_batch("devices", op.flat_map_batch("parsed", messages, parsed), LastFix)
        sink = KafkaSink([KAFKA], f"{GROUP}-verdicts", SINK)
    op.output("sink", op.key_rm("values", answers), sink)
    return dataflow


def make_topics() -> None:
    """Those of the whole job that the harness does not make."""
    topics = [NewTopic(name, PARTITIONS, 1) for name in (POLICY.topics.suspects, POLICY.topics.dead_letters)]
    admin = AdminClient({"bootstrap.servers": KAFKA})
    for made in admin.create_topics(topics).values():
        made.result()


def main() -> None:
    """Run forever, from the recovery store if it exists."""
    folder = Path(f"{GROUP}-recovery")
    if not folder.exists():
        if RULE == "full":
            make_topics()
        folder.mkdir()
        init_db_dir(folder, 1)
    cli_main(flow(), epoch_interval=COMMIT_INTERVAL, recovery_config=RecoveryConfig(folder))


if __name__ == "__main__":
    main()
