"""Readers of whole topics without a consumer group, for checks, commands and demonstrations."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from app.kafka.client import client_options
from app.settings import Settings


@asynccontextmanager
async def reader(settings: Settings, *topics: str) -> AsyncIterator[AIOKafkaConsumer]:
    """Yield a consumer without a group, at the beginning of every partition of the topics."""
    consumer = AIOKafkaConsumer(**client_options(settings), auto_offset_reset="earliest", fetch_max_wait_ms=20)
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for topic in topics for number in range(settings.partitions)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        yield consumer
    finally:
        await consumer.stop()


async def read_all(settings: Settings, topic: str) -> list[ConsumerRecord]:
    """Return every record that a topic holds now, in offset order within each partition."""
    async with reader(settings, topic) as consumer:
        ends = await consumer.end_offsets(list(consumer.assignment()))
        records: list[ConsumerRecord] = []
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for fetched in (await consumer.getmany(timeout_ms=200)).values():
                records += fetched
        return records


async def tail(consumer: AIOKafkaConsumer) -> AsyncIterator[tuple[float, ConsumerRecord]]:
    """Yield records as they arrive, each with its arrival time in epoch seconds. Run until the task is cancelled."""
    while True:
        fetched = await consumer.getmany(timeout_ms=500)
        now_s = time.time()
        for records in fetched.values():
            for record in records:
                yield now_s, record
