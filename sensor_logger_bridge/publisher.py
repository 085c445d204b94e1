"""The Kafka producer of pushes: it reports success only after all replicas have confirmed the record."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from schemas.push import Push, encode_push
from sensor_logger_bridge.http.timeout_wheel import TimeoutWheel

CONFIRM_TIMEOUT_S: Final = 3.0
"""Time for the broker to confirm a push, and to answer a readiness check."""

IN_FLIGHT_MAX: Final = 8000
"""Limit of unconfirmed pushes: more than a second of five thousand phones, so that a short stall rejects nothing."""

BATCH_BYTES_MAX: Final = 128 << 10
"""Batch size of one partition. The driver's default, 16 KiB, needs eight times the requests after a stall."""

LINGER_MS: Final = 2
"""Time that the producer waits for more records of a batch."""


class BrokerUnavailableError(Exception):
    """The broker did not confirm in time. The record may or may not be stored; a retry is harmless."""


class Publisher:
    """A producer with a bounded number of unconfirmed pushes. At the limit it rejects a push at once."""

    def __init__(self, client_options: Mapping[str, Any], topic: str) -> None:
        self._options = client_options
        self._topic = topic
        self._in_flight = 0
        self._timeouts = TimeoutWheel(CONFIRM_TIMEOUT_S)
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Connect to the brokers.

        Raises:
            BrokerUnavailableError: no broker answers.
        """
        self._producer = AIOKafkaProducer(
            **self._options,
            acks="all",
            enable_idempotence=True,
            linger_ms=LINGER_MS,
            max_batch_size=BATCH_BYTES_MAX,
            request_timeout_ms=30_000,
        )
        try:
            await self._producer.start()
        except KafkaError as error:
            await self._producer.stop()
            raise BrokerUnavailableError(type(error).__name__) from None

    async def publish(self, push: Push) -> None:
        """Publish a push, and wait until the broker has confirmed it.

        Raises:
            BrokerUnavailableError: the broker did not confirm in time, or too many pushes are unconfirmed.
        """
        if self._producer is None or self._in_flight >= IN_FLIGHT_MAX:
            raise BrokerUnavailableError("too many unconfirmed pushes")
        self._in_flight += 1
        try:
            async with self._timeouts.start():
                await self._producer.send_and_wait(self._topic, encode_push(push), key=push.device_id.encode())
        except (KafkaError, TimeoutError) as error:
            raise BrokerUnavailableError(type(error).__name__) from None
        finally:
            self._in_flight -= 1

    async def is_broker_available(self) -> bool:
        """Return whether a broker answers now."""
        if self._producer is None:
            return False
        try:
            async with asyncio.timeout(CONFIRM_TIMEOUT_S):
                await self._producer.client.fetch_all_metadata()
        except (KafkaError, TimeoutError):
            return False
        return True

    async def stop(self) -> None:
        if self._producer is not None:
            await self._producer.stop()
