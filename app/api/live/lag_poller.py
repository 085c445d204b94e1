"""Poller of the offsets from which the lag is estimated. While the brokers do not answer, the lag is unknown."""

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
    """Polls end offsets and the detector's committed offsets, and tracks when a broker last answered."""

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
        """Return whether a broker has answered within `BROKER_TIMEOUT_S`."""
        return now_s - self._last_response_s < BROKER_TIMEOUT_S

    async def run(self) -> None:
        """Poll until cancelled."""
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
                    stored = await admin.list_consumer_group_offsets(self._group)
                now_s = self._last_response_s = time.time()
                committed = {(key.topic, key.partition): int(at.offset) for key, at in stored.items()}
                self._lag.record(now_s, {(key.topic, key.partition): end for key, end in ends.items()}, committed)
                await asyncio.sleep(POLL_INTERVAL_S)
        finally:
            await consumer.stop()
            await admin.close()
