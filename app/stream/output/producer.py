"""The producer: idempotent, silent while the group may have given us up, writing many records as one."""

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
"""A record batch of this size is taken by any topic: a broker's default limit is 1,048,588 bytes."""

RECORD_OVERHEAD_BYTES: Final = 32


class Message(NamedTuple):
    """A record to be sent. No key: it has no place of its own."""

    key: bytes | None
    value: bytes | None


class Producer(driver.Producer):
    """Delivers batches whole."""

    @classmethod
    def of(cls, app: AppT) -> Self:
        """The producer of an app whose transport is ours."""
        assert isinstance(app.producer, cls)  # noqa: S101 - see application.Transport
        return app.producer

    def _settings_extra(self) -> dict[str, Any]:
        return {"acks": "all", "enable_idempotence": True}

    def _new_producer(self, transactional_id: str | None = None) -> aiokafka.AIOKafkaProducer:
        producer = super()._new_producer(transactional_id)
        lease, send = Consumer.of(self.app).lease, producer.client.send
        metrics: MetricsRegistry = cast(Any, self.app).metrics

        async def fenced(node: int, request: Any, **kwargs: Any) -> Any:
            if isinstance(request, ProduceRequest) and await lease.wait():
                metrics.add(LEASE_WAITS)
            return await send(node, request, **kwargs)

        producer.client.send = fenced
        return producer

    async def write_atomically(self, topic: str, partition: int, messages: Sequence[Message]) -> int:
        """Delivers the messages as one Kafka record batch, which is all there or not at all.

        Returns the offset of the last one.

        Raises:
            OverflowError: they do not fit into one batch.
            KafkaError: the broker refused them for good.
        """
        producer = await self._knowing(topic)
        batch = producer.create_batch()
        for key, value in messages:
            if batch.append(timestamp=None, key=key, value=value) is None:
                raise OverflowError(f"{len(messages)} records for {topic} are more than one batch holds")
        return await self._deliver(producer, batch, topic, partition) + len(messages) - 1

    async def write(self, topic: str, partition: int, messages: Iterable[Message]) -> None:
        """Delivers the messages in order, in record batches that any topic takes.

        Raises:
            KafkaError: the broker refused them for good.
        """
        for part in _parts(messages):
            await self.write_atomically(topic, partition, part)

    async def _knowing(self, topic: str) -> aiokafka.AIOKafkaProducer:
        """The driver forgets a topic's leader when another is first used, and a queued batch then waits for ever."""
        producer = self._ensure_producer()
        await producer.client.add_topic(topic)
        return producer

    @staticmethod
    async def _deliver(producer: aiokafka.AIOKafkaProducer, batch: Any, topic: str, partition: int) -> int:
        batch.close()
        delivery = await producer.send_batch(batch, topic, partition=partition)
        delivered = await delivery
        return int(delivered.offset)


def _parts(messages: Iterable[Message]) -> Iterator[list[Message]]:
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
