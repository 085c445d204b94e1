"""Sensor Logger over MQTT, TCP or websockets: the body as over HTTP, the phone's token as the last part of the topic.

There is nobody to answer: what a phone says wrong is counted, and kept for the page that its holder looks at. While
Kafka does not confirm, messages wait here, as many as there is room for; later ones are dropped and counted.
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
QUEUED_BYTES_MAX: Final = 32 << 20
WORKERS: Final = 64
KEEPALIVE_S: Final = 20
RECONNECT_FIRST_S: Final = 0.5
RECONNECT_MAX_S: Final = 30.0
KAFKA_RETRY_S: Final = 1.0

SUBACK_FAILURE: Final = 0x80
"""From here on the codes of an acknowledgement are refusals (MQTT 3.1.1, 3.9.3)."""

NO_ROOM: Final = "no-room"
TOO_LARGE: Final = "too-large"


@dataclass(frozen=True, slots=True)
class MqttBroker:
    """Where to listen. `ca_file`: certificates to trust; None: the system's. `topic`: its last part is `+`."""

    address: MqttAddress
    topic: str = TOPIC
    ca_file: Path | None = None


class MessageQueue:
    """What waits for Kafka: bounded in number and bytes."""

    def __init__(self) -> None:
        self._messages: deque[tuple[str, bytes]] = deque()
        self._bytes = 0
        self._available = asyncio.Semaphore(0)

    def put_nowait(self, token: str, body: bytes) -> bool:
        """False: there is no room."""
        if len(self._messages) >= QUEUED_MAX or self._bytes + len(body) > QUEUED_BYTES_MAX:
            return False
        self._messages.append((token, body))
        self._bytes += len(body)
        self._available.release()
        return True

    async def get(self) -> tuple[str, bytes]:
        """The one that has waited for longest."""
        await self._available.acquire()
        token, body = self._messages.popleft()
        self._bytes -= len(body)
        return token, body


class Subscriber:
    """Listens for as long as it runs, and comes back for as long as it takes."""

    def __init__(self, handler: IngestHandler, broker: MqttBroker) -> None:
        self.is_connected = False
        self._handler = handler
        self._broker = broker
        self._queue = MessageQueue()
        self._last_error = ""

    async def run(self) -> NoReturn:
        """Until it is cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(self._work())
            await self._run()
        raise AssertionError("neither of them ends")

    async def _run(self) -> NoReturn:
        pause_s = RECONNECT_FIRST_S
        while True:
            try:
                async with self._connected() as client:
                    pause_s = RECONNECT_FIRST_S
                    async for message in client.messages:
                        self._receive(message)
            except (MqttError, OSError) as error:
                self._report_connection(str(error) or type(error).__name__)
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - so that bridges do not come at once
            pause_s = min(RECONNECT_MAX_S, 2 * pause_s)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Client]:
        """A client that has subscribed.

        Raises:
            MqttError, OSError: the broker does not answer, or does not let us in or hear the topic; a bad certificate.
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
                raise MqttError("it does not let us hear the topic")
            self._report_connection("")
            try:
                yield client
            finally:
                self.is_connected = False

    def _report_connection(self, why: str) -> None:
        """Says so once when it changes, not at every try."""
        self.is_connected = not why
        if why and not self._last_error:
            log.warning("the MQTT broker is away (%s): phones that send there are not heard; trying again", why)
        elif not why:
            log.info("listens to the MQTT broker")
        self._last_error = why

    def _receive(self, message: Message) -> None:
        """At once: what comes faster than it can be taken must not wait anywhere else."""
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
            except Exception as error:  # noqa: BLE001 - a fault of our own over one message must not end all others
                log.error("a message could not be taken in: %s", type(error).__name__)  # noqa: TRY400 - it may be quoted

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
