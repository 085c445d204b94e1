"""Consumer of verdicts and suspects. It fills the live state, first with recent records, then with new ones.

It joins no group and commits nothing, so no worker is affected. While no broker answers it retries, and continues at
the same offsets.
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
"""Records per poll. Decoding them takes about 10 ms, which delays the next event of every page."""

RETRY_DELAY_S: Final = 1.0


class VerdictSummary(msgspec.Struct, frozen=True):
    """The fields of a verdict that is only counted."""

    verdict: Outcome
    revision: int


_decode_summary = msgspec.json.Decoder(VerdictSummary).decode


class VerdictConsumer:
    """Reads the suspects of the last hour for the cases, and the verdicts of the last minute for the rates."""

    def __init__(self, settings: Settings, state: LiveState) -> None:
        self._settings = settings
        self._state = state
        self._suspects = [TopicPartition(settings.topics.suspects, number) for number in range(settings.partitions)]
        self._verdicts = [TopicPartition(settings.topics.verdicts, number) for number in range(settings.partitions)]
        self._next_offsets: dict[TopicPartition, int] = {}
        self._catch_up_to: dict[TopicPartition, int] = {}
        self._last_error = ""

    async def run(self) -> None:
        """Read until cancelled."""
        while True:
            try:
                await self._read()
            except KafkaError as error:
                if self._last_error != type(error).__name__:
                    self._last_error = type(error).__name__
                    log.warning("Kafka cannot be read (%s): the console retries", self._last_error)
            await asyncio.sleep(RETRY_DELAY_S)

    async def _read(self) -> None:
        consumer = AIOKafkaConsumer(**client_options(self._settings), auto_offset_reset="earliest")
        try:
            await consumer.start()
            consumer.assign([*self._suspects, *self._verdicts])
            if not self._next_offsets:
                await self._find_start_offsets(consumer)
            for partition, offset in self._next_offsets.items():
                consumer.seek(partition, offset)
            while True:
                fetched = await consumer.getmany(timeout_ms=200, max_records=POLL_RECORDS_MAX)
                for partition, records in fetched.items():
                    if partition.topic == self._settings.topics.suspects:
                        self._add_cases(records)
                    else:
                        self._count_verdicts(records)
                    self._next_offsets[partition] = records[-1].offset + 1
                if fetched or self._catch_up_to:
                    self._update_caught_up()
                    self._last_error = ""
        finally:
            await consumer.stop()

    async def _find_start_offsets(self, consumer: AIOKafkaConsumer) -> None:
        """Set the start offsets by record time. A partition without newer records starts at its end."""
        now_ms = time.time_ns() // 1_000_000
        ends: dict[TopicPartition, int] = await consumer.end_offsets([*self._suspects, *self._verdicts])
        since_ms = dict.fromkeys(self._suspects, now_ms - 1000 * CASES_LOOKBACK_S)
        since_ms |= dict.fromkeys(self._verdicts, now_ms - 1000 * SHARE_WINDOW_S)
        found = await consumer.offsets_for_times(since_ms)
        self._next_offsets = {
            partition: end if found[partition] is None else found[partition].offset for partition, end in ends.items()
        }
        self._catch_up_to = ends
        self._state.cases.start_at(self._next_offsets[partition] for partition in self._suspects)

    def _update_caught_up(self) -> None:
        behind = {key: end for key, end in self._catch_up_to.items() if self._next_offsets[key] < end}
        self._catch_up_to = behind
        if not self._catch_up_to and not self._state.caught_up.is_set():
            self._state.caught_up.set()
            log.info("the console has caught up")

    def _add_cases(self, records: Iterable[ConsumerRecord]) -> None:
        cases, statistics, now_s = self._state.cases, self._state.statistics, time.time()
        for record in records:
            verdict = parse_verdict(record.value)
            if isinstance(verdict, Verdict):
                if cases.add(verdict, record.partition, record.offset, record.timestamp):
                    statistics.add_suspect(verdict, record.timestamp / 1000, now_s)
            elif (erasure := parse_erasure(record.value)) is not None:
                cases.erase(erasure.device_tokens, record.partition, record.offset)
                statistics.erase(erasure.device_tokens)
            else:
                cases.skip(record.partition, record.offset)  # the sinks write a dead letter for it

    def _count_verdicts(self, records: Iterable[ConsumerRecord]) -> None:
        """Count first verdicts, one for each payment. Erasures on the topic are skipped."""
        now_s = time.time()
        for record in records:
            try:
                summary = _decode_summary(record.value or b"")
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                continue
            if summary.revision == 1:
                self._state.statistics.add_first_verdict(summary.verdict, record.timestamp / 1000, now_s)
