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
from app.api.live.statistics import SHARES_OVER_S
from app.kafka.client import client_options
from app.settings.settings import Settings
from schemas.erasure import parse_erasure
from schemas.verdict import Outcome, Verdict, parse_verdict

log = logging.getLogger(__name__)

CASES_OVER_S: Final = 3600
RECORDS_AT_ONCE: Final = 500
"""Decoded in some 10 ms: no page waits longer for its next event."""

AGAIN_AFTER_S: Final = 1.0


class VerdictSummary(msgspec.Struct, frozen=True):
    """What is read of a verdict that is only counted."""

    verdict: Outcome
    revision: int


_glimpse = msgspec.json.Decoder(VerdictSummary).decode


class VerdictConsumer:
    """Two topics: suspects, for cases, from an hour back; all verdicts, for rates, from a minute back."""

    def __init__(self, settings: Settings, knowledge: LiveState) -> None:
        self._settings = settings
        self._knowledge = knowledge
        self._suspects = [TopicPartition(settings.topics.suspects, number) for number in range(settings.partitions)]
        self._verdicts = [TopicPartition(settings.topics.verdicts, number) for number in range(settings.partitions)]
        self._next: dict[TopicPartition, int] = {}
        self._not_read_yet: dict[TopicPartition, int] = {}
        self._complaint = ""

    async def run(self) -> None:
        """Reads until it is cancelled."""
        while True:
            try:
                await self._read()
            except KafkaError as error:
                if self._complaint != type(error).__name__:
                    self._complaint = type(error).__name__
                    log.warning("verdicts cannot be read (%s): the console waits", self._complaint)
            await asyncio.sleep(AGAIN_AFTER_S)

    async def _read(self) -> None:
        consumer = AIOKafkaConsumer(**client_options(self._settings), auto_offset_reset="earliest")
        try:
            await consumer.start()
            consumer.assign([*self._suspects, *self._verdicts])
            if not self._next:
                await self._find_start(consumer)
            for place, offset in self._next.items():
                consumer.seek(place, offset)
            while True:
                fetched = await consumer.getmany(timeout_ms=200, max_records=RECORDS_AT_ONCE)
                for place, records in fetched.items():
                    (self._take_cases if place.topic == self._settings.topics.suspects else self._count)(records)
                    self._next[place] = records[-1].offset + 1
                if fetched or self._not_read_yet:
                    self._look_whether_current()
                    self._complaint = ""
        finally:
            await consumer.stop()

    async def _find_start(self, consumer: AIOKafkaConsumer) -> None:
        """Where each partition stood a while ago; where nothing came since, at its end."""
        now_ms = time.time_ns() // 1_000_000
        ends: dict[TopicPartition, int] = await consumer.end_offsets([*self._suspects, *self._verdicts])
        since_ms = dict.fromkeys(self._suspects, now_ms - 1000 * CASES_OVER_S)
        since_ms |= dict.fromkeys(self._verdicts, now_ms - 1000 * SHARES_OVER_S)
        found = await consumer.offsets_for_times(since_ms)
        self._next = {place: end if found[place] is None else found[place].offset for place, end in ends.items()}
        self._not_read_yet = ends
        self._knowledge.recent.begin(self._next[place] for place in self._suspects)

    def _look_whether_current(self) -> None:
        self._not_read_yet = {place: end for place, end in self._not_read_yet.items() if self._next[place] < end}
        if not self._not_read_yet and not self._knowledge.is_current.is_set():
            self._knowledge.is_current.set()
            log.info("the console is current")

    def _take_cases(self, records: Iterable[ConsumerRecord]) -> None:
        recent, pulse, now_s = self._knowledge.recent, self._knowledge.pulse, time.time()
        for record in records:
            verdict = parse_verdict(record.value)
            if isinstance(verdict, Verdict):
                if recent.take(verdict, record.partition, record.offset, record.timestamp):
                    pulse.suspected(verdict, record.timestamp / 1000, now_s)
            elif (erasure := parse_erasure(record.value)) is not None:
                recent.erase(erasure.device_tokens, record.partition, record.offset)
                pulse.erase(erasure.device_tokens)
            else:
                recent.pass_by(record.partition, record.offset)  # the sinks say in a dead letter what is wrong with it

    def _count(self, records: Iterable[ConsumerRecord]) -> None:
        """First verdicts alone: one a payment. An erasure is none."""
        now_s = time.time()
        for record in records:
            try:
                glimpse = _glimpse(record.value or b"")
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                continue
            if glimpse.revision == 1:
                self._knowledge.pulse.judged(glimpse.verdict, record.timestamp / 1000, now_s)
