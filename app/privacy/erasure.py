"""Erasure, seen from outside: asked for, and followed to its end. Changes no row and no document itself.

Nothing here logs or shows a device id.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from app.errors import UnavailableError
from app.kafka.client import client_options, kafka_admin
from app.kafka.topics import check_topics
from app.settings import Settings
from schemas.erasure import Erasure, ErasureRequest, encode_request, parse_erasure

POLL_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class ErasureRequested:
    """Where the request lies on its topic. `before`: where the topics of what is kept ended when it was not there."""

    partition: int
    offset: int
    before: Mapping[TopicPartition, int]


@dataclass(frozen=True, slots=True)
class ErasureProgress:
    """What the detector has said of it, and where that lies for the sinks."""

    erasure: Erasure
    places: Mapping[TopicPartition, int]


async def request_erasure(settings: Settings, device_id: str) -> ErasureRequested:
    """Writes the request. Asking twice does no harm.

    Raises:
        UnavailableError: no broker answers; nothing was asked for, or it is not certain that it was.
        ConfigurationError: the topics are not as they must be.
    """
    topics = settings.topics
    await check_topics(settings, [*topics.stored, topics.erasures])
    value, key = encode_request(ErasureRequest(device_id)), device_id.encode()
    async with _broker(settings):
        async with AIOKafkaConsumer(**client_options(settings)) as consumer:
            ends = await consumer.end_offsets(
                [TopicPartition(topic, number) for topic in topics.stored for number in range(settings.partitions)]
            )
        async with AIOKafkaProducer(**client_options(settings), acks="all") as producer:
            taken = await producer.send_and_wait(topics.erasures, value, key=key)
    before = {place: end for place, end in ends.items() if place.partition == taken.partition}
    return ErasureRequested(taken.partition, taken.offset, before)


async def wait_for_detector(settings: Settings, asked: ErasureRequested, until_s: float) -> ErasureProgress | None:
    """What became of the request in the detector; None: nothing, until this moment of the loop's clock.

    Raises:
        UnavailableError: no broker answers.
    """
    found: dict[TopicPartition, int] = {}
    said: Erasure | None = None
    async with _broker(settings), AIOKafkaConsumer(**client_options(settings), fetch_max_wait_ms=100) as consumer:
        consumer.assign(list(asked.before))
        for place, end in asked.before.items():
            consumer.seek(place, end)
        while (said is None or len(found) < len(asked.before)) and asyncio.get_running_loop().time() < until_s:
            for place, records in (await consumer.getmany(timeout_ms=200)).items():
                for record in records:
                    erasure = None if record.key else parse_erasure(record.value)
                    if erasure is not None and erasure.request == asked.offset:
                        said = erasure
                        found.setdefault(place, record.offset)
    return ErasureProgress(said, found) if said is not None and len(found) == len(asked.before) else None


async def wait_for_sink(settings: Settings, name: str, done: ErasureProgress, until_s: float) -> bool:
    """The sink has done what the detector said, and says so durably; False: not until this moment of the loop's clock.

    Raises:
        UnavailableError: no broker answers.
    """
    async with kafka_admin(settings) as admin:
        while True:
            committed = await admin.list_consumer_group_offsets(f"{settings.namespace}-{name}")
            reached = {place: committed[place].offset for place in done.places if place in committed}
            if all(reached.get(place, 0) > offset for place, offset in done.places.items()):
                return True
            if asyncio.get_running_loop().time() >= until_s:
                return False
            await asyncio.sleep(POLL_S)


@asynccontextmanager
async def _broker(settings: Settings) -> AsyncIterator[None]:
    """What its clients raise, in a sentence. The driver's text could quote a record."""
    try:
        yield
    except (KafkaError, TimeoutError) as error:
        raise UnavailableError(f"Kafka at {settings.kafka} stopped answering ({type(error).__name__})") from None
