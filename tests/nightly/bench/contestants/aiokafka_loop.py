"""The job of this service as a loop on aiokafka, without a framework: the upper limit for Python.

Rows are in memory and in a compacted changelog, from which a start rebuilds them. The loop delivers the verdicts of a
batch before its rows, and its rows before it commits its offsets. So a crash loses nothing, but uncommitted records are
processed again on rows that may already contain them, and their verdicts may be sent twice. Rows that fill more than
one record batch may be incomplete after a crash, and the whole job then stops. The process owns all partitions: there
is no rebalancing, and no fencing of a second process or of one that was considered dead. With BENCH_RULE=last it
validates and masks nothing, and an unreadable record ends the process. With `full` it does all that this service does
with positions and payments.
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
from tests.nightly.bench.contestants.last_fix import LastFix
from tests.nightly.bench.contestants.whole_job import Cells

KAFKA: Final = os.environ["BENCH_KAFKA"]
GROUP: Final = os.environ["BENCH_GROUP"]
PREFIX: Final = os.environ["BENCH_PREFIX"]
PARTITIONS: Final = range(int(os.environ["BENCH_PARTITIONS"]))
COMMIT_INTERVAL_S: Final = float(os.environ["BENCH_COMMIT_INTERVAL_S"])

LOCATIONS, TRANSACTIONS = f"{PREFIX}locations", f"{PREFIX}transactions"
VERDICTS, CHANGELOG = f"{GROUP}-verdicts", f"{GROUP}-changelog"

FETCH_BYTES_MAX: Final = 2 << 20
"""Bytes of one fetch of one partition, as in this service."""

RECORD_BATCH_BYTES: Final = 900_000
"""Size of a record batch that every topic accepts."""

WAIT_MS: Final = 100

_decode = msgspec.msgpack.Decoder(LastFix).decode
_encode = msgspec.msgpack.Encoder().encode


def ingest_last(batch: Batch) -> None:
    for record in batch.records:
        push = last_fix.parse_push(record.value or b"")
        batch.put(push.device_id.encode(), _encode(last_fix.state_of(push)))


def score_last(batch: Batch) -> None:
    for record in batch.records:
        payment = last_fix.parse_payment(record.value or b"")
        key = payment.device_id.encode()
        row = batch.get(key)
        batch.send(VERDICTS, key, last_fix.verdict(payment, None if row is None else _decode(row)))


class Job(NamedTuple):
    """A part of this service's job. `agents`: by topic. `upkeep`: maintenance of rows. `writes`: additional topics."""

    agents: Mapping[str, Callable[[Batch], None]]
    upkeep: RowMaintenance | None = None
    writes: Sequence[str] = ()


def last_fix_only() -> Job:
    return Job({LOCATIONS: ingest_last, TRANSACTIONS: score_last})


def whole_service() -> Job:
    context = whole_job.agent_context(GROUP)
    agents = {topic: partial(agent, context=context) for topic, agent in whole_job.agents(PREFIX).items()}
    return Job(agents, partial(expire, context=context), (context.topics.suspects, context.topics.dead_letters))


class Loop:
    """A loop that reads, processes, delivers and commits. At most one batch of a partition is in flight."""

    def __init__(self, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, job: Job) -> None:
        self._consumer = consumer
        self._producer = producer
        self._job = job
        self._sweep = IncrementalSweep()
        self._rows = {number: MemoryPartitionStore() for number in PARTITIONS}
        self._in_flight: dict[int, asyncio.Task[None]] = {}
        self._delivered: dict[TopicPartition, int] = {}

    async def restore(self) -> None:
        """Load the rows from the changelog."""
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
        """Run forever."""
        committed_s = time.monotonic()
        while True:
            fetched = await self._consumer.getmany(timeout_ms=WAIT_MS)
            for number, sources in _by_partition(fetched).items():
                if number in self._in_flight:
                    await self._in_flight.pop(number)
                cells = self._process(number, sources)
                self._in_flight[number] = asyncio.create_task(self._deliver(number, sources, cells))
                await asyncio.sleep(0)
                if time.monotonic() - committed_s >= COMMIT_INTERVAL_S:
                    await self._commit()
                    committed_s = time.monotonic()
            if not fetched:
                await self._commit()

    async def _commit(self) -> None:
        """Commit the offsets of delivered batches. The others stay in flight."""
        for number in [number for number, delivery in self._in_flight.items() if delivery.done()]:
            self._in_flight.pop(number).result()
        if self._delivered:
            offsets, self._delivered = self._delivered, {}
            await self._consumer.commit(offsets)

    def _process(self, number: int, sources: Mapping[str, Sequence[Any]]) -> Cells:
        cells = Cells(self._rows[number])
        for topic in (LOCATIONS, TRANSACTIONS):
            if records := sources.get(topic):
                cells.records = records
                self._job.agents[topic](cells)
        if self._job.upkeep and (pushes := sources.get(LOCATIONS)):
            now_ms = pushes[-1].timestamp
            for key in self._sweep.next_keys(number, self._rows[number], now_ms):
                self._job.upkeep(cells, key, now_ms)
        return cells

    async def _deliver(self, number: int, sources: Mapping[str, Sequence[Any]], cells: Cells) -> None:
        """Deliver verdicts before rows: a row with a payment prevents a second verdict for it."""
        outputs = defaultdict(list)
        for topic, key, value in cells.sent:
            outputs[topic].append((key, value))
        await asyncio.gather(*(self._write(topic, number, records) for topic, records in outputs.items()))
        await self._write(CHANGELOG, number, cells.changed.items())
        self._delivered |= {TopicPartition(topic, number): records[-1].offset + 1 for topic, records in sources.items()}

    async def _write(self, topic: str, number: int, records: Iterable[tuple[bytes | None, bytes | None]]) -> None:
        """Deliver the records in order."""
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
    """Create missing topics. The changelog is compacted, so that it keeps every row."""
    admin = AIOKafkaAdminClient(bootstrap_servers=KAFKA)
    await admin.start()
    try:
        existing = await admin.list_topics()
        compacted = {CHANGELOG: {"cleanup.policy": "compact"}}
        topics = [NewTopic(name, len(PARTITIONS), 1, topic_configs=compacted.get(name)) for name in names]
        await admin.create_topics([topic for topic in topics if topic.name not in existing])
    finally:
        await admin.close()


async def main() -> None:
    job = whole_service() if os.environ["BENCH_RULE"] == "full" else last_fix_only()
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
