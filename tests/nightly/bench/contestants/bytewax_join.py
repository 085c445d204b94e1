"""The job of this service on Bytewax: Kafka source, a stateful step keyed by device, Kafka sink, recovery store.

At the end of an epoch, after the sink has flushed it, offsets and the state of changed devices go into SQLite. After a
crash the unfinished epochs are read again, and their verdicts are sent twice. The store is one file on one disk, not a
changelog that another machine can read. The sink does not check whether the broker accepted a verdict, so a rejected
one is lost silently. With BENCH_RULE=last it validates and masks nothing, and an unreadable record ends the process.
With `full` there is no row maintenance, so the payments of a silent phone stay open.
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
from tests.nightly.bench.contestants.last_fix import LastFix, Payment, Push
from tests.nightly.bench.contestants.whole_job import Cells, Record

KAFKA = os.environ["BENCH_KAFKA"]
GROUP = os.environ["BENCH_GROUP"]
PREFIX = os.environ["BENCH_PREFIX"]
RULE = os.environ["BENCH_RULE"]
PARTITIONS = int(os.environ["BENCH_PARTITIONS"])
LOCATIONS, TRANSACTIONS = f"{PREFIX}locations", f"{PREFIX}transactions"
COMMIT_INTERVAL = timedelta(seconds=float(os.environ["BENCH_COMMIT_INTERVAL_S"]))

SOURCE_RECORDS = 1000
"""Records of a poll: the source's default, which its documentation recommends for throughput."""

SINK = {"partitioner": "murmur2_random", "enable.idempotence": "true"}
CONTEXT = whole_job.agent_context(GROUP)
AGENTS = whole_job.agents(PREFIX)

Message: TypeAlias = KafkaSourceMessage[bytes | None, bytes | None]
Out: TypeAlias = KafkaSinkMessage[bytes | None, bytes | None]


class LastFixLogic(StatefulBatchLogic[Push | Payment, Out, LastFix | None]):  # type: ignore[misc]  # has types in its own environment
    """Logic whose state of a device is its last fix."""

    def __init__(self, last: LastFix | None) -> None:
        self._last = last

    def on_batch(self, values: list[Push | Payment]) -> tuple[Iterable[Out], bool]:
        out = []
        for value in values:
            if isinstance(value, Push):
                self._last = last_fix.state_of(value)
            else:
                out.append(KafkaSinkMessage(value.device_id.encode(), last_fix.verdict(value, self._last)))
        return out, self.RETAIN

    def snapshot(self) -> LastFix | None:
        return self._last


class WholeJob(StatefulBatchLogic[Record, Out, dict[bytes, bytes]]):  # type: ignore[misc]  # as above
    """Logic whose state of a device is its cells."""

    def __init__(self, rows: dict[bytes, bytes] | None) -> None:
        self._rows = rows or {}

    def on_batch(self, values: list[Record]) -> tuple[Iterable[Out], bool]:
        cells = Cells(self._rows)
        for topic, records in groupby(values, attrgetter("topic")):
            cells.records = records
            AGENTS[topic](cells, CONTEXT)
        return [KafkaSinkMessage(sent.key, sent.value, sent.topic) for sent in cells.sent], self.RETAIN

    def snapshot(self) -> dict[bytes, bytes]:
        return self._rows.copy()


def parsed(messages: list[Message]) -> Iterator[tuple[str, Push | Payment]]:
    """Yield the parsed records by device."""
    for message in messages:
        assert message.value is not None
        value = (last_fix.parse_push if message.topic == LOCATIONS else last_fix.parse_payment)(message.value)
        yield value.device_id, value


def keyed(messages: list[Message]) -> Iterator[tuple[str, Record]]:
    """Yield the unparsed records by key."""
    for message in messages:
        assert message.topic is not None
        assert message.partition is not None
        assert message.offset is not None
        assert message.timestamp is not None
        fields = (message.topic, message.partition, message.offset, message.timestamp[1], message.key, message.value)
        yield (message.key or b"").decode(errors="replace"), Record(*fields)


def flow() -> Dataflow:
    """Return the dataflow. `flat_map_batch` does the work of `map` and `key_on` without a call per record."""
    dataflow = Dataflow("bench")
    source = KafkaSource([KAFKA], [LOCATIONS, TRANSACTIONS], batch_size=SOURCE_RECORDS)
    messages = op.input("source", dataflow, source)
    if RULE == "full":
        answers = op.stateful_batch("devices", op.flat_map_batch("keyed", messages, keyed), WholeJob)
        sink = KafkaSink([KAFKA], None, SINK)
    else:
        answers = op.stateful_batch("devices", op.flat_map_batch("parsed", messages, parsed), LastFixLogic)
        sink = KafkaSink([KAFKA], f"{GROUP}-verdicts", SINK)
    op.output("sink", op.key_rm("values", answers), sink)
    return dataflow


def make_topics() -> None:
    """Create the topics of the whole job that the harness does not create."""
    topics = [NewTopic(name, PARTITIONS, 1) for name in (CONTEXT.topics.suspects, CONTEXT.topics.dead_letters)]
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
