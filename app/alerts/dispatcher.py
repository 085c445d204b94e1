"""The dispatcher of one alert channel: it reads suspects, delivers alerts and commits.

The topic is the queue. A dispatcher reads no more than it may have pending. It commits an offset when the alert is
delivered or a dead letter.
"""

import asyncio
import logging
from collections import OrderedDict, deque
from time import monotonic
from typing import Final, NamedTuple

from aiokafka import ConsumerRecord, TopicPartition

from app.alerts.alert import alert_from_verdict
from app.alerts.channels.base import SEND_WITHIN_S, Channel
from app.alerts.consumer import AlertConsumer
from app.alerts.dead_letters import DeadLetters
from app.alerts.delivery import Delivery
from app.alerts.delivery_result import Delivered, Retryable
from app.alerts.partition import PendingAlert
from app.alerts.retry_policy import RetryPolicy
from app.alerts.throttle import Suppressed
from app.observability.alert_metrics import ALERT_RETRIES, ALERTS_TOTAL, AlertOutcome
from app.observability.outage import OutageTracker
from app.observability.registry import MetricsRegistry
from app.settings import Settings
from app.topology import ALERTS
from schemas.erasure import Erasure

log = logging.getLogger(__name__)

IN_FLIGHT_MAX: Final = 4
"""Maximum attempts at a time per channel. An alert that keeps failing occupies a slot and does not block the others."""

PENDING_MAX: Final = 100
"""Maximum alerts that are read and not done. Further suspects stay on the topic."""

DELIVERED_IDS_MAX: Final = 10_000
"""Maximum ids of delivered alerts to remember, in case a rebalance returns records that were not committed."""

BACKPRESSURE_POLL_S: Final = 0.2
DRAIN_S: Final = SEND_WITHIN_S + 2.0
"""Time for attempts in progress to end: their own timeout and some slack."""

RecordId = tuple[TopicPartition, int]
"""Partition and offset of a record."""


class _InFlight(NamedTuple):
    delivery: Delivery
    task: asyncio.Task[None]
    device_token: str


class ChannelDispatcher:
    """Consumer, deliveries and outage of one channel. Channels share `dead_letters` and `metrics`."""

    def __init__(
        self, channel: Channel, settings: Settings, dead_letters: DeadLetters, metrics: MetricsRegistry
    ) -> None:
        self.name = channel.name
        self.outage = OutageTracker()
        self.consumer = AlertConsumer(settings, f"{settings.namespace}-{ALERTS.groups[channel.name]}", self._drain)
        self._channel = channel
        self._retry_policy = RetryPolicy(settings.alert_attempts_max, settings.alert_give_up_s)
        self._console = settings.console
        self._dead_letters = dead_letters
        self._metrics = metrics
        self._slots = asyncio.Semaphore(IN_FLIGHT_MAX)
        self._fetched: deque[ConsumerRecord] = deque()
        self._in_flight: dict[RecordId, _InFlight] = {}
        self._delivered_ids: OrderedDict[str, None] = OrderedDict()
        self._commit_now = False
        self._failure: BaseException | None = None

    @property
    def pending(self) -> int:
        """Number of alerts that are read and not done."""
        return len(self._in_flight)

    async def run(self, stopped: asyncio.Event) -> None:
        """Dispatch until `stopped` is set. Then wait for attempts in progress, and commit.

        Raises:
            GeovelocityError: a broker rejects the credentials, or does not answer at the start.
        """
        try:
            await self.consumer.start()
            while not stopped.is_set():
                if self._failure is not None:
                    raise self._failure
                if not self._fetched and not self._is_full:
                    self._fetched.extend(await self.consumer.fetch())
                if self._is_full:
                    await asyncio.sleep(BACKPRESSURE_POLL_S)
                while self._fetched and not self._is_full:
                    self._handle(self._fetched.popleft())
                await self._commit()
            await self._drain()
            await self.consumer.commit(now=True)
        finally:
            await self._cancel()
            await self.consumer.stop()

    @property
    def _is_full(self) -> bool:
        return self.pending >= PENDING_MAX or any(state.is_full for state in self.consumer.partitions.values())

    async def _commit(self) -> None:
        now, self._commit_now = self._commit_now, False
        await self.consumer.commit(now=now)

    def _handle(self, record: ConsumerRecord) -> None:
        partition = TopicPartition(record.topic, record.partition)
        state = self.consumer.partitions.get(partition)
        found = None if state is None else state.read(record)
        if isinstance(found, PendingAlert):
            self._start((partition, record.offset), found)
        elif isinstance(found, Erasure):
            self._drop_erased(found)
        elif isinstance(found, Suppressed):
            self._count(AlertOutcome.HELD_BACK)

    def _start(self, record_id: RecordId, pending: PendingAlert) -> None:
        verdict = pending.notify.verdict
        if verdict.id in self._delivered_ids:  # this process delivered it and could not commit
            self._complete(record_id)
            return
        alert = alert_from_verdict(verdict, pending.notify.suppressed_count, self._console)
        delivery = Delivery(self._channel, alert, self._retry_policy)
        task = asyncio.create_task(self._deliver(record_id, pending, delivery))
        task.add_done_callback(self._note_failure)
        self._in_flight[record_id] = _InFlight(delivery, task, verdict.device_token)

    async def _deliver(self, record_id: RecordId, pending: PendingAlert, delivery: Delivery) -> None:
        async with self._slots:
            result = await delivery.run(self._note_retryable)
            if result is None:
                return
            if not isinstance(result, Retryable):
                self._note_answer()
            if not isinstance(result, Delivered):
                log.error("%s did not accept an alert (%s): it goes to dead_letters", self.name, result.detail)
                await self._dead_letters.put(pending.record, self.name)
        self._count(AlertOutcome.DELIVERED if isinstance(result, Delivered) else AlertOutcome.DEAD_LETTER)
        self._remember(pending.notify.verdict.id)
        self._complete(record_id)

    def _drop_erased(self, erasure: Erasure) -> None:
        """Cancel the pending alerts of erased devices."""
        for record_id, one in list(self._in_flight.items()):
            if one.device_token in erasure.device_tokens:
                one.task.cancel()
                self._count(AlertOutcome.ERASED)
                self._complete(record_id)

    def _complete(self, record_id: RecordId) -> None:
        partition, offset = record_id
        self._in_flight.pop(record_id, None)
        self._commit_now = True
        if (state := self.consumer.partitions.get(partition)) is not None:
            state.mark_done(offset)

    def _remember(self, case_id: str) -> None:
        self._delivered_ids[case_id] = None
        if len(self._delivered_ids) > DELIVERED_IDS_MAX:
            self._delivered_ids.popitem(last=False)

    def _count(self, outcome: AlertOutcome) -> None:
        self._metrics.add(ALERTS_TOTAL, channel=self.name, end=outcome)

    def _note_retryable(self, detail: str) -> None:
        self._metrics.add(ALERT_RETRIES, channel=self.name)
        if not self.outage.duration_s(monotonic()):
            log.warning("%s does not accept alerts (%s): they are pending", self.name, detail)
        self.outage.failed(self.name, detail, monotonic())

    def _note_answer(self) -> None:
        if self.outage.duration_s(monotonic()):
            log.info("%s accepts alerts again", self.name)
        self.outage.recovered(self.name)

    def _note_failure(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failure = error

    async def _drain(self) -> None:
        """Wait up to `DRAIN_S` for attempts in progress, and cancel the other deliveries."""
        self._fetched.clear()
        for one in self._in_flight.values():
            one.delivery.stop_retrying()
            if not one.delivery.is_sending:
                one.task.cancel()
        if tasks := [one.task for one in self._in_flight.values()]:
            await asyncio.wait(tasks, timeout=DRAIN_S)
        await self._cancel()

    async def _cancel(self) -> None:
        tasks = [one.task for one in self._in_flight.values()]
        self._in_flight.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
