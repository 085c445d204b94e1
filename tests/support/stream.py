"""Stream: the records of a topic one after the other, however many there are."""

from collections.abc import AsyncIterator

from aiokafka import ConsumerRecord

from app.kafka.topic_reader import reader
from app.settings import Settings


async def stream(settings: Settings, topic: str) -> AsyncIterator[ConsumerRecord]:
    """All records that lie on a topic now, without holding them."""
    async with reader(settings, topic) as consumer:
        ends = await consumer.end_offsets(list(consumer.assignment()))
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for fetched in (await consumer.getmany(timeout_ms=500)).values():
                for record in fetched:
                    yield record
