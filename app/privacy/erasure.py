"""The client of the erasure protocol: it requests an erasure and follows it. It changes no row and no document itself.

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
"""Time between two reads of a sink's committed offsets."""


@dataclass(frozen=True, slots=True)
class ErasureRequested:
    """A written request. `end_offsets`: where the topics of documents ended before it, on the same partition number."""

    partition: int
    offset: int
    end_offsets: Mapping[TopicPartition, int]


@dataclass(frozen=True, slots=True)
class ErasureProgress:
    """The detector's announcement of an erasure. `offsets`: of the announcement, on each topic that sinks read."""

    erasure: Erasure
    offsets: Mapping[TopicPartition, int]


async def request_erasure(settings: Settings, device_id: str) -> ErasureRequested:
    """Write a request to erase a device. Repeating it is harmless.

    Raises:
        UnavailableError: no broker answers. The request may or may not be written.
        ConfigurationError: a topic is missing or misconfigured.
    """
    topics = settings.topics
    await check_topics(settings, [*topics.stored, topics.erasures])
    value, key = encode_request(ErasureRequest(device_id)), device_id.encode()
    async with _broker_errors(settings):
        async with AIOKafkaConsumer(**client_options(settings)) as consumer:
            ends = await consumer.end_offsets(
                [TopicPartition(topic, number) for topic in topics.stored for number in range(settings.partitions)]
            )
        async with AIOKafkaProducer(**client_options(settings), acks="all") as producer:
            written = await producer.send_and_wait(topics.erasures, value, key=key)
    end_offsets = {tp: end for tp, end in ends.items() if tp.partition == written.partition}
    return ErasureRequested(written.partition, written.offset, end_offsets)


async def wait_for_detector(settings: Settings, request: ErasureRequested, until_s: float) -> ErasureProgress | None:
    """Wait until the detector announces the erasure on every topic. `until_s`: a time of the event loop's clock.

    Return None when the time is up.

    Raises:
        UnavailableError: no broker answers.
    """
    found: dict[TopicPartition, int] = {}
    announced: Erasure | None = None
    loop = asyncio.get_running_loop()
    async with (
        _broker_errors(settings),
        AIOKafkaConsumer(**client_options(settings), fetch_max_wait_ms=100) as consumer,
    ):
        consumer.assign(list(request.end_offsets))
        for tp, end in request.end_offsets.items():
            consumer.seek(tp, end)
        while len(found) < len(request.end_offsets) and loop.time() < until_s:
            for tp, records in (await consumer.getmany(timeout_ms=200)).items():
                for record in records:
                    erasure = None if record.key else parse_erasure(record.value)
                    if erasure is not None and erasure.request == request.offset:
                        announced = erasure
                        found.setdefault(tp, record.offset)
    return ErasureProgress(announced, found) if announced and len(found) == len(request.end_offsets) else None


async def wait_for_sink(settings: Settings, name: str, progress: ErasureProgress, until_s: float) -> bool:
    """Wait until a sink has committed offsets behind the announcement. `until_s`: as `wait_for_detector`.

    Return False when the time is up.

    Raises:
        UnavailableError: no broker answers.
    """
    async with kafka_admin(settings) as admin:
        while True:
            committed = await admin.list_consumer_group_offsets(f"{settings.namespace}-{name}")
            reached = {tp: committed[tp].offset for tp in progress.offsets if tp in committed}
            if all(reached.get(tp, 0) > offset for tp, offset in progress.offsets.items()):
                return True
            if asyncio.get_running_loop().time() >= until_s:
                return False
            await asyncio.sleep(POLL_S)


@asynccontextmanager
async def _broker_errors(settings: Settings) -> AsyncIterator[None]:
    """Translate the clients' errors without their text, which could quote a record."""
    try:
        yield
    except (KafkaError, TimeoutError) as error:
        raise UnavailableError(f"Kafka at {settings.kafka} stopped answering ({type(error).__name__})") from None
