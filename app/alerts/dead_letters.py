"""Dead letters of alerts: where the suspect lies of whom a channel could not tell, and which channel that was."""

import asyncio
import logging
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from agents.batch import Record
from agents.dead_letter import dead_letter
from app.kafka.client import client_options
from app.security.keyring import Keyring
from app.settings import Settings
from schemas.codes.reject import Reject, RejectCode

log = logging.getLogger(__name__)

AGAIN_S: Final = 2.0


class DeadLetters:
    """Writes them, for all channels."""

    def __init__(self, settings: Settings, keyring: Keyring) -> None:
        self._settings = settings
        self._keyring = keyring
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def put(self, record: Record, channel: str) -> None:
        """Returns when the broker has it, however long that takes. After a crash it may stand there twice."""
        reject = Reject(RejectCode.UNDELIVERED, (channel,))
        letter = dead_letter(record, reject, self._keyring.current().masker)
        waited = False
        while True:
            try:
                producer = await self._started()
                await producer.send_and_wait(self._settings.topics.dead_letters, letter, partition=record.partition)
            except KafkaError as error:
                if not waited:
                    log.warning("a dead letter waits for Kafka (%s)", type(error).__name__)
                waited = True
                await asyncio.sleep(AGAIN_S)
            else:
                return

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(**client_options(self._settings), acks="all")
                try:
                    await producer.start()
                except KafkaError:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer

    async def close(self) -> None:
        if self._producer is not None:
            await self._producer.stop()
