"""Publisher: a push is on the topic, on all replicas, before anyone says so."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from schemas.push import Push, encode_push
from sensor_logger_bridge.http.timeout_wheel import TimeoutWheel

CONFIRM_TIMEOUT_S: Final = 3.0
IN_FLIGHT_MAX: Final = 8000
"""More than a second of five thousand phones: a broker that stalls for so long is not away."""

BATCH_BYTES_MAX: Final = 128 << 10
"""Of one partition. With the driver's own, an eighth of that, a stall is made up for in eight times the trips."""

LINGER_MS: Final = 2


class BrokerUnavailableError(Exception):
    """The broker has not confirmed in time. The push may or may not be there; sending it again does no harm."""


class Publisher:
    """Bounded: when too many pushes wait for the broker, the next one is refused at once."""

    def __init__(self, client_options: Mapping[str, Any], topic: str) -> None:
        self._options = client_options
        self._topic = topic
        self._in_flight = 0
        self._timeouts = TimeoutWheel(CONFIRM_TIMEOUT_S)
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Connects.

        Raises:
            BrokerAwayError: no broker answers.
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
        """Returns once the broker has confirmed.

        Raises:
            BrokerAwayError: it has not, in time.
        """
        if self._producer is None or self._in_flight >= IN_FLIGHT_MAX:
            raise BrokerUnavailableError("too many pushes wait")
        self._in_flight += 1
        try:
            async with self._timeouts.start():
                await self._producer.send_and_wait(self._topic, encode_push(push), key=push.device_id.encode())
        except (KafkaError, TimeoutError) as error:
            raise BrokerUnavailableError(type(error).__name__) from None
        finally:
            self._in_flight -= 1

    async def is_broker_available(self) -> bool:
        """Whether a broker answers now."""
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
