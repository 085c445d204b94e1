"""A producer that connects when it is first used."""

import asyncio

from aiokafka import AIOKafkaProducer

from app.kafka.client import client_options
from app.settings import Settings


class LazyProducer:
    """One Kafka producer of a process, which can start while no broker answers. It waits for all replicas (acks=all).

    `idempotent`: the broker drops the copies that the client's own retries make.
    """

    def __init__(self, settings: Settings, *, idempotent: bool) -> None:
        self._settings = settings
        self._idempotent = idempotent
        self._producer: AIOKafkaProducer | None = None
        self._connecting = asyncio.Lock()

    async def connected(self) -> AIOKafkaProducer:
        """Return the producer, and connect it first if necessary.

        Raises:
            KafkaError: no broker accepted the connection. The next call tries again.
        """
        async with self._connecting:
            if self._producer is None:
                options = client_options(self._settings)
                producer = AIOKafkaProducer(**options, acks="all", enable_idempotence=self._idempotent)
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer

    async def close(self) -> None:
        """Send pending records and disconnect."""
        if self._producer is not None:
            await self._producer.stop()
