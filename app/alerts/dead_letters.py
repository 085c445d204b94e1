"""Dead letters of alerts: each names the record of the suspect and the channel that could not deliver it."""

import asyncio
import logging
from typing import Final

from aiokafka.errors import KafkaError

from agents.batch import Record
from agents.dead_letter import dead_letter
from app.kafka.producer import LazyProducer
from app.security.keyring import Keyring
from app.settings import Settings
from schemas.codes.reject import Reject, RejectCode

log = logging.getLogger(__name__)

RETRY_DELAY_S: Final = 2.0


class DeadLetters:
    """The writer of dead letters that all channels share. It connects at the first one."""

    def __init__(self, settings: Settings, keyring: Keyring) -> None:
        self._settings = settings
        self._keyring = keyring
        self._producer = LazyProducer(settings, idempotent=False)

    async def put(self, record: Record, channel: str) -> None:
        """Write a dead letter and return when the broker has acknowledged it. Retry without limit.

        At least once: after a crash the topic may hold it twice.
        """
        reject = Reject(RejectCode.UNDELIVERED, (channel,))
        letter = dead_letter(record, reject, self._keyring.current().masker)
        is_reported = False
        while True:
            try:
                producer = await self._producer.connected()
                await producer.send_and_wait(self._settings.topics.dead_letters, letter, partition=record.partition)
            except KafkaError as error:
                if not is_reported:
                    log.warning("a dead letter is pending, Kafka does not answer (%s)", type(error).__name__)
                is_reported = True
                await asyncio.sleep(RETRY_DELAY_S)
            else:
                return

    async def close(self) -> None:
        """Close the producer, if it was started."""
        await self._producer.close()
