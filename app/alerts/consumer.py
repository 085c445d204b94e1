"""Intake: reads the topic of suspects for one channel, in a consumer group of its own, and says how far that is."""

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
REWOUND_MAX: Final = 200_000
"""So many records of a partition are read again at most, to remember what was decided: seconds."""

ANSWER_WITHIN_S: Final = 5.0
AGAIN_S: Final = 1.0
POLL_INTERVAL_MAX_MS: Final = 86_400_000
"""What waits for a channel that is away must not cost us the partitions: whether we live, heartbeats say."""


class AlertConsumer(ConsumerRebalanceListener):  # type: ignore[misc]  # the library has no types here
    """`books`: of the partitions that are ours now. `let_go`: ends what is under way when they are taken from us.

    Begins where the group has come to; a group that is new, at the end.
    """

    def __init__(self, settings: Settings, group: str, let_go: Callable[[], Awaitable[None]]) -> None:
        self.books: dict[TopicPartition, PartitionState] = {}
        self.is_assigned = False
        self._is_started = False
        self._settings = settings
        self._group = group
        self._let_go = let_go
        self._committed: dict[TopicPartition, CommitState] = {}
        self._commit_at_s = 0.0
        self._trouble: GeovelocityError | None = None
        self._consumer = AIOKafkaConsumer(
            **client_options(settings),
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",  # only where the topic has dropped what the group had not read
            session_timeout_ms=round(settings.session_timeout_s * 1000),
            heartbeat_interval_ms=1000,
            max_poll_interval_ms=POLL_INTERVAL_MAX_MS,
        )

    async def start(self) -> None:
        """Joins the group.

        Raises:
            UnavailableError: no broker answers.
            ConfigurationError: a broker does not let us.
        """
        self._consumer.subscribe([self._settings.topics.suspects], listener=self)
        try:
            await self._consumer.start()
        except KafkaError as error:
            raise await translate_error(self._settings, type(error).__name__) from None
        self._is_started = True

    async def fetch(self) -> list[ConsumerRecord]:
        """The next records of our partitions; none, after a moment in which none came.

        Raises:
            GeovelocityError: the broker refuses.
        """
        try:
            fetched = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=RECORDS_MAX)
        except KafkaError as error:
            raise await translate_error(self._settings, type(error).__name__) from None
        if self._trouble is not None:
            raise self._trouble
        # What came before the books were opened comes again: opening them goes back.
        return [record for records in fetched.values() for record in records] if self.is_assigned else []

    async def commit(self, *, now: bool) -> None:
        """Says how far the books are. Not `now`: only if that was not said for a while. Tried again when it fails."""
        due = {place: book.bookmark for place, book in self.books.items()}
        due = {place: bookmark for place, bookmark in due.items() if bookmark != self._committed.get(place)}
        now_s = asyncio.get_running_loop().time()
        if not due or (not now and now_s < self._commit_at_s):
            return
        self._commit_at_s = now_s + self._settings.commit_interval_s
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await self._consumer.commit(
                    {place: OffsetAndMetadata(bookmark.position, bookmark.text) for place, bookmark in due.items()}
                )
        except (KafkaError, TimeoutError) as error:
            log.warning("how far alerts are could not be committed (%s)", type(error).__name__)
        else:
            self._committed |= due

    async def lag(self) -> int:
        """How many records are not done.

        Raises:
            UnavailableError: no broker answers.
        """
        if not self._is_started:
            raise UnavailableError("Kafka has not answered yet")
        books = dict(self.books)
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await self._consumer.topics()
                ends = await self._consumer.end_offsets(list(books)) if books else {}
        except (KafkaError, TimeoutError) as error:
            raise UnavailableError(f"Kafka does not answer ({type(error).__name__})") from None
        return sum(max(0, int(ends[place]) - book.bookmark.position) for place, book in books.items())

    async def stop(self) -> None:
        """Leaves the group."""
        await self._consumer.stop()

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:  # noqa: ARG002 - it is all of them
        """What is under way ends, what is done is said, and nothing else is done for these partitions any more."""
        self.is_assigned = False
        await self._let_go()
        await self.commit(now=True)
        self.books.clear()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Opens their books. Tried again for as long as the broker does not answer."""
        places = list(assigned)
        while True:
            try:
                await self._open(places)
            except UnavailableError as error:
                log.warning("%s", error)
                await asyncio.sleep(AGAIN_S)
            except GeovelocityError as error:
                self._trouble = error
                return
            else:
                self.is_assigned = True
                return

    async def _open(self, places: list[TopicPartition]) -> None:
        async with kafka_admin(self._settings) as admin:
            found = await admin.list_consumer_group_offsets(self._group)
        known = {
            place: CommitState.parse(found[place].offset, found[place].metadata) for place in places if place in found
        }
        pickers = {place: self._picker() for place in places}
        try:
            ends = await self._consumer.end_offsets(places)
            begins = await self._rewound(known, pickers)
        except KafkaError as error:
            raise await translate_error(self._settings, type(error).__name__) from None
        for place in places:
            bookmark = known.get(place, CommitState(ends[place]))
            self._consumer.seek(place, begins.get(place, bookmark.position))
            self.books[place] = PartitionState(bookmark, pickers[place])
        self._committed = known

    async def _rewound(
        self, known: dict[TopicPartition, CommitState], pickers: dict[TopicPartition, AlertThrottle]
    ) -> dict[TopicPartition, int]:
        """Where to begin so as to remember all that a picker does."""
        if not known:
            return {}
        times = {}
        for place, bookmark in known.items():
            at_s = time.time() if bookmark.at_ms is None else bookmark.at_ms / 1000
            times[place] = max(0, round(1000 * (at_s - pickers[place].memory_s)))
        found = await self._consumer.offsets_for_times(times)
        return {
            place: max(
                known[place].position - REWOUND_MAX,
                min(known[place].position, known[place].position if at is None else at.offset),
            )
            for place, at in found.items()
        }

    def _picker(self) -> AlertThrottle:
        return AlertThrottle(self._settings.alert_min_risk, self._settings.alert_cool_down_s)
