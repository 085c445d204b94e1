"""Faust's producer, changed to write many records as one batch, and only while the worker holds its lease."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple, Self, cast

import aiokafka
from aiokafka.protocol.produce import ProduceRequest
from faust.transport.drivers import aiokafka as driver
from faust.types import AppT

from app.observability.catalogue import LEASE_WAITS
from app.observability.registry import MetricsRegistry
from app.stream.source.consumer import Consumer

TOPIC_BATCH_BYTES: Final = 900_000
"""Size of a record batch that every topic accepts. A broker's default limit is 1,048,588 bytes."""

RECORD_OVERHEAD_BYTES: Final = 32
"""Upper estimate of what Kafka adds to key and value of a record."""


class Message(NamedTuple):
    """A record to write. Without a value it is a tombstone for its key. Without a key it belongs to no row."""

    key: bytes | None
    value: bytes | None


class Producer(driver.Producer):
    """Kafka producer of a worker. It is idempotent and writes whole batches."""

    @classmethod
    def of(cls, app: AppT) -> Self:
        """Return the producer of an app that uses this module's producer."""
        assert isinstance(app.producer, cls)  # noqa: S101 - see app.stream.worker.Transport
        return app.producer

    def _settings_extra(self) -> dict[str, Any]:
        return {"acks": "all", "enable_idempotence": True}

    def _new_producer(self, transactional_id: str | None = None) -> aiokafka.AIOKafkaProducer:
        producer = super()._new_producer(transactional_id)
        lease, send = Consumer.of(self.app).lease, producer.client.send
        metrics: MetricsRegistry = cast(Any, self.app).metrics

        async def send_with_lease(node: int, request: Any, **kwargs: Any) -> Any:
            if isinstance(request, ProduceRequest) and await lease.wait():
                metrics.add(LEASE_WAITS)
            return await send(node, request, **kwargs)

        producer.client.send = send_with_lease
        return producer

    async def write_atomically(self, topic: str, partition: int, messages: Sequence[Message]) -> int:
        """Write the messages as one Kafka record batch: all of them become readable, or none.

        Returns the offset of the last message, when all replicas have it.

        Raises:
            OverflowError: the messages do not fit into one batch. Nothing was written.
            KafkaError: the broker rejected the batch permanently.
        """
        producer = await self._producer_for(topic)
        batch = producer.create_batch()
        for key, value in messages:
            if batch.append(timestamp=None, key=key, value=value) is None:
                raise OverflowError(f"{len(messages)} records for {topic} do not fit into one batch")
        return await self._deliver(producer, batch, topic, partition) + len(messages) - 1

    async def write(self, topic: str, partition: int, messages: Iterable[Message]) -> None:
        """Write the messages in order, in record batches that every topic accepts. Returns when all are durable.

        Raises:
            KafkaError: the broker rejected a batch permanently. Earlier batches are written.
        """
        for part in split_into_batches(messages):
            await self.write_atomically(topic, partition, part)

    async def _producer_for(self, topic: str) -> aiokafka.AIOKafkaProducer:
        """Return the driver's producer with the topic in its metadata.

        The driver forgets a topic's leader when another topic is first used. A queued batch would then wait forever.
        """
        producer = self._ensure_producer()
        await producer.client.add_topic(topic)
        return producer

    @staticmethod
    async def _deliver(producer: aiokafka.AIOKafkaProducer, batch: Any, topic: str, partition: int) -> int:
        batch.close()
        delivery = await producer.send_batch(batch, topic, partition=partition)
        delivered = await delivery
        return int(delivered.offset)


def split_into_batches(messages: Iterable[Message]) -> Iterator[list[Message]]:
    """Yield the messages in order, in parts of at most `TOPIC_BATCH_BYTES` or one message."""
    part: list[Message] = []
    size = 0
    for message in messages:
        message_bytes = RECORD_OVERHEAD_BYTES + len(message.key or b"") + len(message.value or b"")
        if part and size + message_bytes > TOPIC_BATCH_BYTES:
            yield part
            part, size = [], 0
        part.append(message)
        size += message_bytes
    if part:
        yield part
