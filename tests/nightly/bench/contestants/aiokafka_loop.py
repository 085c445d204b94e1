"""The job of this service by hand, on aiokafka alone: as fast as Python gets at it without a framework.

Rows are in memory and in a compacted changelog, from which a start rebuilds them. The verdicts of a batch are delivered
before its rows, its rows before its offsets are committed: a crash loses nothing, but what was not committed is folded
once more, into rows that may have it already, and its verdicts may be sent twice. Rows that fill more than one record
batch may be half there after a crash, which the whole job refuses to go on with. The process has all partitions for
itself: there is no rebalancing, and nothing keeps a second one out, or one that was thought dead. With BENCH_RULE=last
nothing is validated or masked, and a record that cannot be read ends the process; `full` is all that this service does
of locations and payments.
"""

import asyncio
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from agents.batch import Batch, RowMaintenance
from agents.state.retention import expire
from app.stream.state.memory_backend import MemoryPartitionStore
from app.stream.state.sweeper import IncrementalSweep
from tests.nightly.bench.contestants import last_fix, whole_job
from tests.nightly.bench.contestants.last_fix import Remembered
from tests.nightly.bench.contestants.whole_job import Cells

KAFKA: Final = os.environ["BENCH_KAFKA"]
GROUP: Final = os.environ["BENCH_GROUP"]
PREFIX: Final = os.environ["BENCH_PREFIX"]
PARTITIONS: Final = range(int(os.environ["BENCH_PARTITIONS"]))
COMMIT_INTERVAL_S: Final = float(os.environ["BENCH_COMMIT_INTERVAL_S"])

LOCATIONS, TRANSACTIONS = f"{PREFIX}locations", f"{PREFIX}transactions"
VERDICTS, CHANGELOG = f"{GROUP}-verdicts", f"{GROUP}-changelog"

FETCH_BYTES_MAX: Final = 2 << 20
"""Records of one fetch, of one partition, as in this service."""

RECORD_BATCH_BYTES: Final = 900_000
"""Any topic takes a record batch of this size."""

WAIT_MS: Final = 100

_decode = msgspec.msgpack.Decoder(Remembered).decode
_encode = msgspec.msgpack.Encoder().encode


def locate_last(batch: Batch) -> None:
    for record in batch.records:
        push = last_fix.parse_push(record.value or b"")
        batch.put(push.device_id.encode(), _encode(last_fix.remembered(push)))


def score_last(batch: Batch) -> None:
    for record in batch.records:
        payment = last_fix.parse_payment(record.value or b"")
        key = payment.device_id.encode()
        row = batch.get(key)
        batch.send(VERDICTS, key, last_fix.verdict(payment, None if row is None else _decode(row)))


class Job(NamedTuple):
    """`agents`: by the topic each reads. `upkeep`: of all rows in turn. `writes`: topics of its own."""

    agents: Mapping[str, Callable[[Batch], None]]
    upkeep: RowMaintenance | None = None
    writes: Sequence[str] = ()


def last_fix_alone() -> Job:
    return Job({LOCATIONS: locate_last, TRANSACTIONS: score_last})


def all_of_it() -> Job:
    policy = whole_job.policy(GROUP)
    agents = {topic: partial(agent, context=policy) for topic, agent in whole_job.agents(PREFIX).items()}
    return Job(agents, partial(expire, context=policy), (policy.topics.suspects, policy.topics.dead_letters))


class Loop:
    """Reads, folds, delivers, commits. Rows are kept by partition; one batch of a partition is under way at a time."""

    def __init__(self, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, job: Job) -> None:
        self._consumer = consumer
        self._producer = producer
        self._job = job
        self._rounds = IncrementalSweep()
        self._rows = {number: MemoryPartitionStore() for number in PARTITIONS}
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._delivered: dict[TopicPartition, int] = {}

    async def restore(self) -> None:
        """Rows as the changelog has them."""
        partitions = [TopicPartition(CHANGELOG, number) for number in PARTITIONS]
        async with AIOKafkaConsumer(bootstrap_servers=KAFKA, auto_offset_reset="earliest") as reader:
            reader.assign(partitions)
            ends = await reader.end_offsets(partitions)
            while any([await reader.position(tp) < ends[tp] for tp in partitions]):
                for tp, records in (await reader.getmany(timeout_ms=WAIT_MS)).items():
                    rows = self._rows[tp.partition]
                    for record in records:
                        if record.value is None:
                            rows.pop(record.key, None)
                        else:
                            rows[record.key] = record.value

    async def run(self) -> None:
        """For ever."""
        committed_s = time.monotonic()
        while True:
            fetched = await self._consumer.getmany(timeout_ms=WAIT_MS)
            for number, sources in _by_partition(fetched).items():
                if number in self._under_way:
                    await self._under_way.pop(number)
                cells = self._fold(number, sources)
                self._under_way[number] = asyncio.create_task(self._deliver(number, sources, cells))
                await asyncio.sleep(0)
                if time.monotonic() - committed_s >= COMMIT_INTERVAL_S:
                    await self._commit()
                    committed_s = time.monotonic()
            if not fetched:
                await self._commit()

    async def _commit(self) -> None:
        """Return the confirmed records; the others stay in flight."""
        for number in [number for number, delivery in self._under_way.items() if delivery.done()]:
            self._under_way.pop(number).result()
        if self._delivered:
            offsets, self._delivered = self._delivered, {}
            await self._consumer.commit(offsets)

    def _fold(self, number: int, sources: Mapping[str, Sequence[Any]]) -> Cells:
        cells = Cells(self._rows[number])
        for topic in (LOCATIONS, TRANSACTIONS):
            if records := sources.get(topic):
                cells.records = records
                self._job.agents[topic](cells)
        if self._job.upkeep and (pushes := sources.get(LOCATIONS)):
            now_ms = pushes[-1].timestamp
            for key in self._rounds.next_keys(number, self._rows[number], now_ms):
                self._job.upkeep(cells, key, now_ms)
        return cells

    async def _deliver(self, number: int, sources: Mapping[str, Sequence[Any]], cells: Cells) -> None:
        """Verdicts before rows: a row that knows of a payment keeps it from being answered again."""
        outputs = defaultdict(list)
        for topic, key, value in cells.sent:
            outputs[topic].append((key, value))
        await asyncio.gather(*(self._write(topic, number, records) for topic, records in outputs.items()))
        await self._write(CHANGELOG, number, cells.changed.items())
        self._delivered |= {TopicPartition(topic, number): records[-1].offset + 1 for topic, records in sources.items()}

    async def _write(self, topic: str, number: int, records: Iterable[tuple[bytes | None, bytes | None]]) -> None:
        """Delivers the records in order."""
        batch, deliveries = self._producer.create_batch(), []
        for key, value in records:
            if batch.append(timestamp=None, key=key, value=value) is None:
                deliveries.append(await self._producer.send_batch(batch, topic, partition=number))
                batch = self._producer.create_batch()
                batch.append(timestamp=None, key=key, value=value)
        if batch.record_count():
            batch.close()
            deliveries.append(await self._producer.send_batch(batch, topic, partition=number))
        await asyncio.gather(*deliveries)


def _by_partition(fetched: Mapping[TopicPartition, Sequence[Any]]) -> dict[int, dict[str, Sequence[Any]]]:
    found: defaultdict[int, dict[str, Sequence[Any]]] = defaultdict(dict)
    for tp, records in fetched.items():
        found[tp.partition][tp.topic] = records
    return found


async def make_topics(names: Iterable[str]) -> None:
    """Those that are not there. The changelog is compacted, so that it stays as long as there are rows."""
    admin = AIOKafkaAdminClient(bootstrap_servers=KAFKA)
    await admin.start()
    try:
        there = await admin.list_topics()
        compacted = {CHANGELOG: {"cleanup.policy": "compact"}}
        topics = [NewTopic(name, len(PARTITIONS), 1, topic_configs=compacted.get(name)) for name in names]
        await admin.create_topics([topic for topic in topics if topic.name not in there])
    finally:
        await admin.close()


async def main() -> None:
    job = all_of_it() if os.environ["BENCH_RULE"] == "full" else last_fix_alone()
    await make_topics([CHANGELOG, *job.writes])
    consumer = AIOKafkaConsumer(
        bootstrap_servers=KAFKA,
        group_id=GROUP,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES_MAX,
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=KAFKA,
        acks="all",
        enable_idempotence=True,
        max_batch_size=RECORD_BATCH_BYTES,
    )
    async with producer:
        for topic in (VERDICTS, CHANGELOG, *job.writes):
            await producer.partitions_for(topic)
        loop = Loop(consumer, producer, job)
        await loop.restore()
        async with consumer:
            consumer.assign(
                [TopicPartition(topic, number) for topic in (LOCATIONS, TRANSACTIONS) for number in PARTITIONS]
            )
            await loop.run()


if __name__ == "__main__":
    asyncio.run(main())
