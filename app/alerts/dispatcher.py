"""Lane: all that one channel does, on its own: a channel that is away holds up no other.

The topic is its queue. A lane takes no more from it than it may have under way, and commits behind what is delivered or
a dead letter.
"""

import asyncio
import logging
from collections import OrderedDict, deque
from time import monotonic
from typing import Final

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
from app.observability.alert_metrics import ALERTS_TOTAL, RETRIES, AlertOutcome
from app.observability.outage import OutageTracker
from app.observability.registry import MetricsRegistry
from app.settings import Settings
from app.topology import ALERTS
from schemas.erasure import Erasure

log = logging.getLogger(__name__)

AT_ONCE: Final = 4
"""An alert that is never taken takes up one of these, and not the channel."""

WAITING_MAX: Final = 100
REMEMBERED_MAX: Final = 10_000
FULL_POLL_S: Final = 0.2
LET_GO_S: Final = SEND_WITHIN_S + 2.0

Place = tuple[TopicPartition, int]


class ChannelDispatcher:
    """One channel. `letters` and `metrics` are shared with the others."""

    def __init__(self, channel: Channel, settings: Settings, letters: DeadLetters, metrics: MetricsRegistry) -> None:
        self.name = channel.name
        self.away = OutageTracker()
        self.intake = AlertConsumer(settings, f"{settings.namespace}-{ALERTS.groups[channel.name]}", self._let_go)
        self._channel = channel
        self._patience = RetryPolicy(settings.alert_attempts_max, settings.alert_give_up_s)
        self._console = settings.console
        self._letters = letters
        self._metrics = metrics
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._read: deque[ConsumerRecord] = deque()
        self._errands: dict[Place, tuple[Delivery, asyncio.Task[None], str]] = {}
        self._taken: OrderedDict[str, None] = OrderedDict()
        self._has_settled = False
        self._broken: BaseException | None = None

    @property
    def waiting(self) -> int:
        return len(self._errands)

    async def run(self, stopped: asyncio.Event) -> None:
        """Until it is stopped; then attempts that are under way end, and how far it is is committed.

        Raises:
            GeovelocityError: the broker refuses, or does not answer at the start.
        """
        try:
            await self.intake.start()
            while not stopped.is_set():
                if self._broken is not None:
                    raise self._broken
                if not self._read and not self._is_full:
                    self._read.extend(await self.intake.fetch())
                if self._is_full:
                    await asyncio.sleep(FULL_POLL_S)
                while self._read and not self._is_full:
                    self._take(self._read.popleft())
                await self._commit()
            await self._let_go()
            await self.intake.commit(now=True)
        finally:
            await self._cancel()
            await self.intake.stop()

    @property
    def _is_full(self) -> bool:
        return len(self._errands) >= WAITING_MAX or any(book.is_full for book in self.intake.books.values())

    async def _commit(self) -> None:
        now, self._has_settled = self._has_settled, False
        await self.intake.commit(now=now)

    def _take(self, record: ConsumerRecord) -> None:
        partition = TopicPartition(record.topic, record.partition)
        book = self.intake.books.get(partition)
        found = None if book is None else book.read(record)
        if isinstance(found, PendingAlert):
            self._send((partition, record.offset), found)
        elif isinstance(found, Erasure):
            self._drop(found)
        elif isinstance(found, Suppressed):
            self._count(AlertOutcome.HELD_BACK)

    def _send(self, place: Place, waiting: PendingAlert) -> None:
        verdict = waiting.pick.verdict
        if verdict.id in self._taken:  # delivered by us, while nothing could be committed
            self._settle(place)
            return
        errand = Delivery(
            self._channel, alert_from_verdict(verdict, waiting.pick.more_of_device, self._console), self._patience
        )
        task = asyncio.create_task(self._deliver(place, waiting, errand))
        task.add_done_callback(self._note)
        self._errands[place] = errand, task, verdict.device_token

    async def _deliver(self, place: Place, waiting: PendingAlert, errand: Delivery) -> None:
        async with self._slots:
            answer = await errand.run(self._failed)
            if answer is None:
                return
            if not isinstance(answer, Retryable):
                self._took()
            if not isinstance(answer, Delivered):
                log.error("%s did not take an alert (%s): it is a dead letter now", self.name, answer.detail)
                await self._letters.put(waiting.record, self.name)
        self._count(AlertOutcome.DELIVERED if isinstance(answer, Delivered) else AlertOutcome.DEAD_LETTER)
        self._remember(waiting.pick.verdict.id)
        self._settle(place)

    def _drop(self, erasure: Erasure) -> None:
        """What waits of devices that are forgotten is not sent any more."""
        for place, (_, task, token) in list(self._errands.items()):
            if token in erasure.device_tokens:
                task.cancel()
                self._count(AlertOutcome.ERASED)
                self._settle(place)

    def _settle(self, place: Place) -> None:
        partition, offset = place
        self._errands.pop(place, None)
        self._has_settled = True
        if (book := self.intake.books.get(partition)) is not None:
            book.done(offset)

    def _remember(self, case: str) -> None:
        self._taken[case] = None
        if len(self._taken) > REMEMBERED_MAX:
            self._taken.popitem(last=False)

    def _count(self, end: AlertOutcome) -> None:
        self._metrics.add(ALERTS_TOTAL, channel=self.name, end=end)

    def _failed(self, detail: str) -> None:
        self._metrics.add(RETRIES, channel=self.name)
        if not self.away.duration_s(monotonic()):
            log.warning("%s does not take alerts (%s): they wait", self.name, detail)
        self.away.failed(self.name, detail, monotonic())

    def _took(self) -> None:
        if self.away.duration_s(monotonic()):
            log.info("%s answers again", self.name)
        self.away.recovered(self.name)

    def _note(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._broken = error

    async def _let_go(self) -> None:
        """Attempts that are under way end within their time; what waits for its turn, or for another one, is left."""
        self._read.clear()
        for errand, task, _ in self._errands.values():
            errand.end_soon()
            if not errand.is_busy:
                task.cancel()
        if tasks := [task for _, task, _ in self._errands.values()]:
            await asyncio.wait(tasks, timeout=LET_GO_S)
        await self._cancel()

    async def _cancel(self) -> None:
        tasks = [task for _, task, _ in self._errands.values()]
        self._errands.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
