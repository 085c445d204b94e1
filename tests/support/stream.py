"""Records of a topic one by one, for topics that do not fit into memory."""

from collections.abc import AsyncIterator

from aiokafka import ConsumerRecord

from app.kafka.topic_reader import reader
from app.settings import Settings


async def stream(settings: Settings, topic: str) -> AsyncIterator[ConsumerRecord]:
    """Yield every record that a topic holds now, without keeping them."""
    async with reader(settings, topic) as consumer:
        ends = await consumer.end_offsets(list(consumer.assignment()))
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for fetched in (await consumer.getmany(timeout_ms=500)).values():
                for record in fetched:
                    yield record
