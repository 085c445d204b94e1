"""The Kafka consumer of one alert channel: it reads the topic of suspects and commits in a group of its own."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata

from app.alerts.offset_tracker import CommitState
from app.alerts.partition import PartitionState
from app.alerts.throttle import AlertThrottle
from app.errors import GeovelocityError, UnavailableError
from app.kafka.client import client_options, kafka_admin, translate_error
from app.settings import Settings

log = logging.getLogger(__name__)

POLL_MS: Final = 200
RECORDS_MAX: Final = 500
REPLAY_MAX: Final = 200_000
"""Maximum records of a partition to replay into the throttle's memory at a start. That many take seconds."""

REQUEST_TIMEOUT_S: Final = 5.0
RETRY_DELAY_S: Final = 1.0
POLL_INTERVAL_MAX_MS: Final = 86_400_000
"""A day, because a channel that is down pauses polling and must not lose its partitions. Heartbeats prove liveness."""


class AlertConsumer(ConsumerRebalanceListener):  # type: ignore[misc]  # the library has no types here
    """The consumer of one channel.

    `partitions`: state of the assigned partitions. `drain`: callback that ends deliveries before a revocation.
    The consumer starts at the group's committed offsets. A new group starts at the end of the topic.
    """

    def __init__(self, settings: Settings, group: str, drain: Callable[[], Awaitable[None]]) -> None:
        self.partitions: dict[TopicPartition, PartitionState] = {}
        self.is_assigned = False
        self._is_started = False
        self._settings = settings
        self._group = group
        self._drain = drain
        self._committed: dict[TopicPartition, CommitState] = {}
        self._commit_at_s = 0.0
        self._error: GeovelocityError | None = None
        self._consumer = AIOKafkaConsumer(
            **client_options(settings),
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",  # only where retention has deleted records that the group had not read
            session_timeout_ms=round(settings.session_timeout_s * 1000),
            heartbeat_interval_ms=1000,
            max_poll_interval_ms=POLL_INTERVAL_MAX_MS,
        )

    async def start(self) -> None:
        """Join the group.

        Raises:
            UnavailableError: no broker answers.
            ConfigurationError: a broker rejects the credentials.
        """
        self._consumer.subscribe([self._settings.topics.suspects], listener=self)
        try:
            await self._consumer.start()
        except KafkaError as error:
            raise await translate_error(self._settings, type(error).__name__) from None
        self._is_started = True

    async def fetch(self) -> list[ConsumerRecord]:
        """Return the next records of the assigned partitions, or none after `POLL_MS`.

        Raises:
            GeovelocityError: a broker rejects the request.
        """
        try:
            fetched = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=RECORDS_MAX)
        except KafkaError as error:
            raise await translate_error(self._settings, type(error).__name__) from None
        if self._error is not None:
            raise self._error
        # Records fetched before the assignment is complete come again: completing it seeks back.
        return [record for records in fetched.values() for record in records] if self.is_assigned else []

    async def commit(self, *, now: bool) -> None:
        """Commit the partitions that advanced. Unless `now`, do so once per commit interval.

        A failed commit is logged, and the next call tries again.
        """
        due = {one: state.commit_state for one, state in self.partitions.items()}
        due = {one: state for one, state in due.items() if state != self._committed.get(one)}
        now_s = asyncio.get_running_loop().time()
        if not due or (not now and now_s < self._commit_at_s):
            return
        self._commit_at_s = now_s + self._settings.commit_interval_s
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT_S):
                await self._consumer.commit(
                    {one: OffsetAndMetadata(state.offset, state.metadata) for one, state in due.items()}
                )
        except (KafkaError, TimeoutError) as error:
            log.warning("alert offsets were not committed (%s): the next commit includes them", type(error).__name__)
        else:
            self._committed |= due

    async def lag(self) -> int:
        """Return the number of records that are not done.

        Raises:
            UnavailableError: no broker answers.
        """
        if not self._is_started:
            raise UnavailableError("Kafka has not answered yet")
        partitions = dict(self.partitions)
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT_S):
                await self._consumer.topics()
                ends = await self._consumer.end_offsets(list(partitions)) if partitions else {}
        except (KafkaError, TimeoutError) as error:
            raise UnavailableError(f"Kafka does not answer ({type(error).__name__})") from None
        return sum(max(0, int(ends[one]) - state.commit_state.offset) for one, state in partitions.items())

    async def stop(self) -> None:
        """Leave the group."""
        await self._consumer.stop()

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:  # noqa: ARG002 - all of them
        """Drain the deliveries, commit, and drop the state of all partitions."""
        self.is_assigned = False
        await self._drain()
        await self.commit(now=True)
        self.partitions.clear()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Load the state of the partitions. Retry until the broker answers; `fetch` raises any other error."""
        partitions = list(assigned)
        while True:
            try:
                await self._load(partitions)
            except UnavailableError as error:
                log.warning("%s", error)
                await asyncio.sleep(RETRY_DELAY_S)
            except GeovelocityError as error:
                self._error = error
                return
            else:
                self.is_assigned = True
                return

    async def _load(self, partitions: list[TopicPartition]) -> None:
        async with kafka_admin(self._settings) as admin:
            found = await admin.list_consumer_group_offsets(self._group)
        committed = {
            one: CommitState.parse(found[one].offset, found[one].metadata) for one in partitions if one in found
        }
        throttles = {one: self._new_throttle() for one in partitions}
        try:
            ends = await self._consumer.end_offsets(partitions)
            replay_from = await self._replay_offsets(committed, throttles)
        except KafkaError as error:
            raise await translate_error(self._settings, type(error).__name__) from None
        for one in partitions:
            state = committed.get(one, CommitState(ends[one]))
            self._consumer.seek(one, replay_from.get(one, state.offset))
            self.partitions[one] = PartitionState(state, throttles[one])
        self._committed = committed

    async def _replay_offsets(
        self, committed: dict[TopicPartition, CommitState], throttles: dict[TopicPartition, AlertThrottle]
    ) -> dict[TopicPartition, int]:
        """Return the offset of each partition from which a replay restores its throttle's memory."""
        if not committed:
            return {}
        times = {}
        for one, state in committed.items():
            at_s = time.time() if state.at_ms is None else state.at_ms / 1000
            times[one] = max(0, round(1000 * (at_s - throttles[one].memory_s)))
        found = await self._consumer.offsets_for_times(times)
        return {
            one: max(
                committed[one].offset - REPLAY_MAX,
                min(committed[one].offset, committed[one].offset if at is None else at.offset),
            )
            for one, at in found.items()
        }

    def _new_throttle(self) -> AlertThrottle:
        return AlertThrottle(self._settings.alert_min_risk, self._settings.alert_cool_down_s)
