"""Sensor Logger over MQTT, with TCP or websockets: the same body as over HTTP, the token as the topic's last part.

MQTT has no answer to a message, so the subscriber counts problems and records them for the pairing page. While Kafka
does not confirm, the subscriber queues messages up to a limit. It drops and counts later ones.
"""

import asyncio
import logging
import random
import ssl
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from aiomqtt import Client, Message, MqttError

from sensor_logger_bridge.apps.app import Request
from sensor_logger_bridge.apps.sensor_logger import APP
from sensor_logger_bridge.ingest.handler import BROKER_UNAVAILABLE, RATE_LIMITED, UNKNOWN_TOKEN, IngestHandler
from sensor_logger_bridge.mqtt.address import TOPIC, MqttAddress

log = logging.getLogger(__name__)

QUEUED_MAX: Final = 4000
"""Limit of queued messages."""

QUEUED_BYTES_MAX: Final = 32 << 20
"""Limit of the queued messages' bytes."""

WORKERS: Final = 64
"""Tasks that publish at the same time. One that waits for Kafka does not block the others."""

KEEPALIVE_S: Final = 20
RECONNECT_FIRST_S: Final = 0.5
RECONNECT_MAX_S: Final = 30.0
"""Limit of the exponential backoff between attempts to connect."""

KAFKA_RETRY_S: Final = 1.0
"""Interval between attempts to publish a message that Kafka has not confirmed."""

SUBACK_FAILURE: Final = 0x80
"""Lowest return code of a subscription that means failure (MQTT 3.1.1, 3.9.3)."""

NO_ROOM: Final = "no-room"
TOO_LARGE: Final = "too-large"


@dataclass(frozen=True, slots=True)
class MqttBroker:
    """A broker and a topic to subscribe to.

    `topic`: its last part is `+`. `ca_file`: trusted certificates; None: those of the system.
    """

    address: MqttAddress
    topic: str = TOPIC
    ca_file: Path | None = None


class MessageQueue:
    """Messages that wait to be published, bounded in number and bytes."""

    def __init__(self) -> None:
        self._messages: deque[tuple[str, bytes]] = deque()
        self._bytes = 0
        self._available = asyncio.Semaphore(0)

    def put_nowait(self, token: str, body: bytes) -> bool:
        """Append a message. Return False if the queue is full."""
        if len(self._messages) >= QUEUED_MAX or self._bytes + len(body) > QUEUED_BYTES_MAX:
            return False
        self._messages.append((token, body))
        self._bytes += len(body)
        self._available.release()
        return True

    async def get(self) -> tuple[str, bytes]:
        """Wait for a message, and remove the oldest one."""
        await self._available.acquire()
        token, body = self._messages.popleft()
        self._bytes -= len(body)
        return token, body


class MqttSubscriber:
    """An MQTT subscriber that reconnects after every error."""

    def __init__(self, handler: IngestHandler, broker: MqttBroker) -> None:
        self.is_connected = False
        self._handler = handler
        self._broker = broker
        self._queue = MessageQueue()
        self._last_error = ""

    async def run(self) -> NoReturn:
        """Run until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(self._work())
            await self._receive_forever()
        raise AssertionError("the tasks of the group never end")

    async def _receive_forever(self) -> NoReturn:
        pause_s = RECONNECT_FIRST_S
        while True:
            try:
                async with self._connected() as client:
                    pause_s = RECONNECT_FIRST_S
                    async for message in client.messages:
                        self._receive(message)
            except (MqttError, OSError) as error:
                self._report_connection(str(error) or type(error).__name__)
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, no secret
            pause_s = min(RECONNECT_MAX_S, 2 * pause_s)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Client]:
        """Yield a subscribed client.

        Raises:
            MqttError, OSError: the broker does not answer or rejects the login, the certificate or the subscription.
        """
        address = self._broker.address
        tls = ssl.create_default_context(cafile=self._broker.ca_file) if address.tls else None
        async with Client(
            address.host,
            address.port,
            username=address.username,
            password=address.password,
            transport=address.transport,
            websocket_path=address.path if address.transport == "websockets" else None,
            tls_context=tls,
            keepalive=KEEPALIVE_S,
            max_queued_incoming_messages=QUEUED_MAX,
        ) as client:
            granted = await client.subscribe(self._broker.topic)
            if any((code if isinstance(code, int) else code.value) >= SUBACK_FAILURE for code in granted):
                raise MqttError("it rejects the subscription to the topic")
            self._report_connection("")
            try:
                yield client
            finally:
                self.is_connected = False

    def _report_connection(self, why: str) -> None:
        """Log a change of the connection once, not at every attempt. `why` is empty while connected."""
        self.is_connected = not why
        if why and not self._last_error:
            log.warning(
                "the MQTT broker is unavailable (%s): retrying; messages that phones send over MQTT do not arrive", why
            )
        elif not why:
            log.info("subscribed at the MQTT broker")
        self._last_error = why

    def _receive(self, message: Message) -> None:
        """Queue or drop a message at once, so that messages queue nowhere else."""
        body = message.payload
        if len(body) > APP.bytes_max:
            self._handler.answered[TOO_LARGE] += 1
        elif not self._queue.put_nowait(message.topic.value.rpartition("/")[2], body):
            self._handler.answered[NO_ROOM] += 1

    async def _work(self) -> NoReturn:
        while True:
            token, body = await self._queue.get()
            try:
                await self._accept(token, body)
            except Exception as error:  # noqa: BLE001 - an error in one message must not stop all others
                log.error("cannot handle a message: %s", type(error).__name__)  # noqa: TRY400 - a traceback may quote it

    async def _accept(self, token: str, body: bytes) -> None:
        owner = self._handler.owner_of(token)
        if owner is None:
            self._handler.answered[str(UNKNOWN_TOKEN.code)] += 1
        elif not self._handler.rate_limiter.try_acquire(owner, time.monotonic()):
            self._handler.reject(APP, owner, RATE_LIMITED, _now_ms())
        else:
            received_at_ms = _now_ms()
            while await self._handler.accept(APP, owner, Request(body), received_at_ms) is BROKER_UNAVAILABLE:
                await asyncio.sleep(KAFKA_RETRY_S)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
