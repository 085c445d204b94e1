"""Feed: reads what the detector says into memory, from a while back and then as it comes.

It is in no group and commits nothing: no worker can notice it. While no broker answers it waits, and goes on where it
was.
"""

import asyncio
import logging
import time
from collections.abc import Iterable
from typing import Final

import msgspec
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from app.api.live.state import LiveState
from app.api.live.statistics import SHARE_WINDOW_S
from app.kafka.client import client_options
from app.settings import Settings
from schemas.erasure import parse_erasure
from schemas.verdict import Outcome, Verdict, parse_verdict

log = logging.getLogger(__name__)

CASES_LOOKBACK_S: Final = 3600
POLL_RECORDS_MAX: Final = 500
"""Decoded in some 10 ms: no page waits longer for its next event."""

RETRY_DELAY_S: Final = 1.0


class VerdictSummary(msgspec.Struct, frozen=True):
    """What is read of a verdict that is only counted."""

    verdict: Outcome
    revision: int


_decode_summary = msgspec.json.Decoder(VerdictSummary).decode


class VerdictConsumer:
    """Two topics: suspects, for cases, from an hour back; all verdicts, for rates, from a minute back."""

    def __init__(self, settings: Settings, state: LiveState) -> None:
        self._settings = settings
        self._state = state
        self._suspects = [TopicPartition(settings.topics.suspects, number) for number in range(settings.partitions)]
        self._verdicts = [TopicPartition(settings.topics.verdicts, number) for number in range(settings.partitions)]
        self._next_offsets: dict[TopicPartition, int] = {}
        self._catch_up_to: dict[TopicPartition, int] = {}
        self._last_error = ""

    async def run(self) -> None:
        """Reads until it is cancelled."""
        while True:
            try:
                await self._read()
            except KafkaError as error:
                if self._last_error != type(error).__name__:
                    self._last_error = type(error).__name__
                    log.warning("verdicts cannot be read (%s): the console waits", self._last_error)
            await asyncio.sleep(RETRY_DELAY_S)

    async def _read(self) -> None:
        consumer = AIOKafkaConsumer(**client_options(self._settings), auto_offset_reset="earliest")
        try:
            await consumer.start()
            consumer.assign([*self._suspects, *self._verdicts])
            if not self._next_offsets:
                await self._find_start_offsets(consumer)
            for place, offset in self._next_offsets.items():
                consumer.seek(place, offset)
            while True:
                fetched = await consumer.getmany(timeout_ms=200, max_records=POLL_RECORDS_MAX)
                for place, records in fetched.items():
                    (self._add_cases if place.topic == self._settings.topics.suspects else self._count_verdicts)(
                        records
                    )
                    self._next_offsets[place] = records[-1].offset + 1
                if fetched or self._catch_up_to:
                    self._update_caught_up()
                    self._last_error = ""
        finally:
            await consumer.stop()

    async def _find_start_offsets(self, consumer: AIOKafkaConsumer) -> None:
        """Where each partition stood a while ago; where nothing came since, at its end."""
        now_ms = time.time_ns() // 1_000_000
        ends: dict[TopicPartition, int] = await consumer.end_offsets([*self._suspects, *self._verdicts])
        since_ms = dict.fromkeys(self._suspects, now_ms - 1000 * CASES_LOOKBACK_S)
        since_ms |= dict.fromkeys(self._verdicts, now_ms - 1000 * SHARE_WINDOW_S)
        found = await consumer.offsets_for_times(since_ms)
        self._next_offsets = {
            place: end if found[place] is None else found[place].offset for place, end in ends.items()
        }
        self._catch_up_to = ends
        self._state.cases.start_at(self._next_offsets[place] for place in self._suspects)

    def _update_caught_up(self) -> None:
        self._catch_up_to = {place: end for place, end in self._catch_up_to.items() if self._next_offsets[place] < end}
        if not self._catch_up_to and not self._state.caught_up.is_set():
            self._state.caught_up.set()
            log.info("the console is current")

    def _add_cases(self, records: Iterable[ConsumerRecord]) -> None:
        recent, pulse, now_s = self._state.cases, self._state.statistics, time.time()
        for record in records:
            verdict = parse_verdict(record.value)
            if isinstance(verdict, Verdict):
                if recent.add(verdict, record.partition, record.offset, record.timestamp):
                    pulse.add_suspect(verdict, record.timestamp / 1000, now_s)
            elif (erasure := parse_erasure(record.value)) is not None:
                recent.erase(erasure.device_tokens, record.partition, record.offset)
                pulse.erase(erasure.device_tokens)
            else:
                recent.skip(record.partition, record.offset)  # the sinks say in a dead letter what is wrong with it

    def _count_verdicts(self, records: Iterable[ConsumerRecord]) -> None:
        """First verdicts alone: one a payment. An erasure is none."""
        now_s = time.time()
        for record in records:
            try:
                glimpse = _decode_summary(record.value or b"")
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                continue
            if glimpse.revision == 1:
                self._state.statistics.add_first_verdict(glimpse.verdict, record.timestamp / 1000, now_s)
