"""Scan: the records of a stretch of time, read beside everybody else and never for long. No group, no offsets kept."""

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
    """Reads until its budget is spent, and then no further.

    `is_spent`: there was more. `is_late`: the topic no longer has what was before.
    """

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._records_left = RECORDS_MAX
        self._until_s = asyncio.get_running_loop().time() + SECONDS_MAX
        self._end_offsets: dict[TopicPartition, int] = {}
        self.budget_spent = False
        self.starts_expired = False

    async def read_range(
        self, places: Iterable[TopicPartition], from_ms: int, to_ms: int | None = None
    ) -> AsyncIterator[ConsumerRecord]:
        """Records that brokers had between two moments, or from one on until now; of each partition in order."""
        places = list(places)
        starts = await self._offsets_at(places, from_ms)
        first = await self._consumer.beginning_offsets(places)
        ends = await self._consumer.end_offsets(places)
        if to_ms is not None:
            ends |= await self._offsets_at(places, to_ms)
        self.starts_expired = self.starts_expired or any(start == first[place] > 0 for place, start in starts.items())
        self._end_offsets = {place: ends[place] for place, start in starts.items() if start < ends[place]}
        if not self._end_offsets:
            return
        self._consumer.assign(list(self._end_offsets))
        for place in self._end_offsets:
            self._consumer.seek(place, starts[place])
        while self._end_offsets:
            if self._records_left <= 0 or asyncio.get_running_loop().time() > self._until_s:
                self.budget_spent = True
                return
            fetched = await self._consumer.getmany(*self._end_offsets, timeout_ms=FETCH_WAIT_MS)
            for place, records in fetched.items():
                self._records_left -= len(records)
                for record in records:
                    if record.offset < self._end_offsets.get(place, 0):
                        yield record
            await self._drop_finished()

    @property
    def is_complete(self) -> bool:
        """All that was asked for was there, and was read."""
        return not self.budget_spent and not self.starts_expired

    def restrict(self, to: TopicPartition) -> None:
        """The rest of the stretch is read of one partition alone."""
        others = [place for place in self._end_offsets if place != to]
        if others:
            self._consumer.pause(*others)
        self._end_offsets = {place: end for place, end in self._end_offsets.items() if place == to}

    async def _drop_finished(self) -> None:
        for place in list(self._end_offsets):
            if await self._consumer.position(place) >= self._end_offsets[place]:
                del self._end_offsets[place]

    async def _offsets_at(self, places: Iterable[TopicPartition], moment_ms: int) -> Mapping[TopicPartition, int]:
        """Of the partitions that have a record of that moment or later, where the first one is."""
        found = await self._consumer.offsets_for_times(dict.fromkeys(places, max(0, moment_ms)))
        return {place: one.offset for place, one in found.items() if one is not None}


@asynccontextmanager
async def open_scan(settings: Settings) -> AsyncIterator[TopicScan]:
    """A scan, and its connection, closed in the end.

    Raises:
        UnavailableError: no broker answers.
        ConfigurationError: a broker answers, but does not let us.
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
