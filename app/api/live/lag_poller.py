"""Watch: asks the brokers again and again how far the detector is. While they do not answer, nothing is known."""

import asyncio
import time
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from app.api.live.lag_estimator import LagEstimator
from app.kafka.client import client_options
from app.settings import Settings
from app.topology import DETECTOR

POLL_INTERVAL_S: Final = 2.0
BROKER_TIMEOUT_S: Final = 10.0


class LagPoller:
    """Knows whether a broker has answered lately."""

    def __init__(self, settings: Settings, lag: LagEstimator) -> None:
        self._settings = settings
        self._lag = lag
        self._group = f"{settings.namespace}-{DETECTOR.name}"
        self._partitions = [
            TopicPartition(topic, number)
            for topic in (settings.topics.transactions, settings.topics.locations)
            for number in range(settings.partitions)
        ]
        self._last_response_s = 0.0

    def broker_responds(self, now_s: float) -> bool:
        return now_s - self._last_response_s < BROKER_TIMEOUT_S

    async def run(self) -> None:
        """Asks until it is cancelled."""
        while True:
            try:
                await self._poll()
            except (KafkaError, TimeoutError):
                await asyncio.sleep(POLL_INTERVAL_S)

    async def _poll(self) -> None:
        options = client_options(self._settings)
        admin, consumer = AIOKafkaAdminClient(**options), AIOKafkaConsumer(**options)
        try:
            await admin.start()
            await consumer.start()
            while True:
                async with asyncio.timeout(BROKER_TIMEOUT_S):
                    ends = await consumer.end_offsets(self._partitions)
                    committed = await admin.list_consumer_group_offsets(self._group)
                now_s = self._last_response_s = time.time()
                done = {(place.topic, place.partition): int(at.offset) for place, at in committed.items()}
                self._lag.record(now_s, {(place.topic, place.partition): end for place, end in ends.items()}, done)
                await asyncio.sleep(POLL_INTERVAL_S)
        finally:
            await consumer.stop()
            await admin.close()
