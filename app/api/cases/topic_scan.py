"""Bounded scan of a time range of a topic. It joins no group and commits no offsets."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from app.errors import UnavailableError
from app.kafka.client import client_options, translate_error
from app.settings import Settings

RECORDS_MAX: Final = 200_000
SECONDS_MAX: Final = 5.0
FETCH_WAIT_MS: Final = 200
CONNECT_TIMEOUT_S: Final = 5.0
REQUEST_TIMEOUT_MS: Final = 5_000


class TopicScan:
    """Reads at most `RECORDS_MAX` records for at most `SECONDS_MAX` seconds, over all ranges together.

    `budget_spent`: the scan stopped before the end. `starts_expired`: retention has deleted the start of a range.
    """

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._records_left = RECORDS_MAX
        self._until_s = asyncio.get_running_loop().time() + SECONDS_MAX
        self._end_offsets: dict[TopicPartition, int] = {}
        self.budget_spent = False
        self.starts_expired = False

    async def read_range(
        self, partitions: Iterable[TopicPartition], from_ms: int, to_ms: int | None = None
    ) -> AsyncIterator[ConsumerRecord]:
        """Yield the records between two record times, or until now without `to_ms`. Each partition is in order."""
        partitions = list(partitions)
        starts = await self._offsets_at(partitions, from_ms)
        first = await self._consumer.beginning_offsets(partitions)
        ends = await self._consumer.end_offsets(partitions)
        if to_ms is not None:
            ends |= await self._offsets_at(partitions, to_ms)
        self.starts_expired = self.starts_expired or any(start == first[key] > 0 for key, start in starts.items())
        self._end_offsets = {key: ends[key] for key, start in starts.items() if start < ends[key]}
        if not self._end_offsets:
            return
        self._consumer.assign(list(self._end_offsets))
        for partition in self._end_offsets:
            self._consumer.seek(partition, starts[partition])
        while self._end_offsets:
            if self._records_left <= 0 or asyncio.get_running_loop().time() > self._until_s:
                self.budget_spent = True
                return
            fetched = await self._consumer.getmany(*self._end_offsets, timeout_ms=FETCH_WAIT_MS)
            for partition, records in fetched.items():
                self._records_left -= len(records)
                for record in records:
                    if record.offset < self._end_offsets.get(partition, 0):
                        yield record
            await self._drop_finished()

    @property
    def is_complete(self) -> bool:
        """Whether the scan has read every record of its ranges."""
        return not self.budget_spent and not self.starts_expired

    def restrict(self, to: TopicPartition) -> None:
        """Read the rest of the range from one partition only."""
        others = [partition for partition in self._end_offsets if partition != to]
        if others:
            self._consumer.pause(*others)
        self._end_offsets = {partition: end for partition, end in self._end_offsets.items() if partition == to}

    async def _drop_finished(self) -> None:
        for partition in list(self._end_offsets):
            if await self._consumer.position(partition) >= self._end_offsets[partition]:
                del self._end_offsets[partition]

    async def _offsets_at(self, partitions: Iterable[TopicPartition], at_ms: int) -> Mapping[TopicPartition, int]:
        """Return the first offset at or after a time, for each partition that has one."""
        found = await self._consumer.offsets_for_times(dict.fromkeys(partitions, max(0, at_ms)))
        return {partition: one.offset for partition, one in found.items() if one is not None}


@asynccontextmanager
async def open_scan(settings: Settings) -> AsyncIterator[TopicScan]:
    """Open a scan with a connection of its own, and close it at the end.

    Raises:
        UnavailableError: no broker answers.
        ConfigurationError: the broker rejects the credentials.
    """
    consumer = AIOKafkaConsumer(
        **client_options(settings),
        enable_auto_commit=False,
        fetch_max_wait_ms=20,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
    )
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            await consumer.start()
        yield TopicScan(consumer)
    except KafkaError as error:
        raise await translate_error(settings, type(error).__name__) from None
    except TimeoutError:
        raise UnavailableError(f"Kafka at {settings.kafka} does not answer in time: try again in a moment") from None
    finally:
        await consumer.stop()
