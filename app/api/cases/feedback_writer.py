"""Desk: takes what analysts say of cases, puts it on the topic, and knows it before the stores do."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec
from aiokafka.errors import KafkaError

from app.api.cases.case_history import CaseHistory
from app.api.cases.search import StoredCase
from app.errors import UnavailableError
from app.kafka.client import translate_error
from app.kafka.producer import LazyProducer
from app.settings import Settings
from schemas.feedback import Disposition, Feedback, Note, Revision, encode_feedback
from schemas.json.timestamps import format_us

CONFIRM_TIMEOUT_S: Final = 10.0
PENDING_MAX: Final = 1_000

PUBLIC_FIELDS: Final = ("id", "transaction_id", "verdict", "note", "analyst", "given_at", "revision")
"""What of it the page is told."""


class PendingFeedback(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of what an analyst says. `revision`: of the case that was on the screen."""

    verdict: Disposition
    revision: Revision
    note: Note = ""


class FeedbackWriter:
    """Writes to the topic `feedback`. It connects when something is said for the first time."""

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._producer = LazyProducer(settings, idempotent=True)
        self._pending: OrderedDict[str, Feedback] = OrderedDict()

    async def submit(self, pending: PendingFeedback, analyst: str, case: StoredCase, history: CaseHistory) -> Feedback:
        """Returns once all replicas have it.

        Raises:
            UnavailableError: the broker has not confirmed in time. It may have it; saying it again does no harm.
        """
        feedback = Feedback(
            id=case["id"],
            transaction_id=case["transaction_id"],
            timestamp=case["timestamp"],
            device_token=case["device_token"],
            verdict=pending.verdict,
            note=pending.note,
            analyst=analyst,
            given_at=format_us(self._next_version(case["id"])),
            revision=pending.revision,
        )
        await self._write(feedback, history)
        self.observe(feedback)
        return feedback

    def observe(self, feedback: Feedback) -> None:
        """It was said, and is not stored yet. Of too many, those said longest ago are left to the stores."""
        self._pending[feedback.id] = feedback
        self._pending.move_to_end(feedback.id)
        while len(self._pending) > PENDING_MAX:
            self._pending.popitem(last=False)

    def latest(self, id_: str, stored: Feedback | None) -> Feedback | None:
        """What was said last of a case: what a store has, or what it does not have yet."""
        said = self._pending.get(id_)
        if said is None or (stored is not None and stored.version >= said.version):
            self._pending.pop(id_, None)
            return stored
        return said

    def latest_of(self, ids: Iterable[str], stored: Mapping[str, Feedback]) -> dict[str, Feedback]:
        """The same of each case of which anything was said."""
        newest = {id_: self.latest(id_, stored.get(id_)) for id_ in ids}
        return {id_: said for id_, said in newest.items() if said is not None}

    def evict(self, id_: str) -> None:
        """The case is gone, and what was said of it with it."""
        self._pending.pop(id_, None)

    async def close(self) -> None:
        await self._producer.close()

    def _next_version(self, id_: str) -> int:
        """The clock's time, or a moment after what was said of this case before: who speaks last is heard."""
        before = self._pending.get(id_)
        return max(int(1_000_000 * self._clock()), 0 if before is None else before.version + 1)

    async def _write(self, feedback: Feedback, history: CaseHistory) -> None:
        try:
            async with asyncio.timeout(CONFIRM_TIMEOUT_S):
                producer = await self._producer.connected()
                # To the very partition of the case: there an erasure of its device will lie behind it.
                await producer.send_and_wait(
                    self._settings.topics.feedback,
                    encode_feedback(feedback),
                    key=history.device,
                    partition=history.partition,
                )
        except KafkaError as error:
            raise await translate_error(self._settings, type(error).__name__) from None
        except TimeoutError:
            raise UnavailableError(
                f"Kafka at {self._settings.kafka} has not confirmed in time, so this may be kept or not: say it again"
            ) from None


def as_json(feedback: Feedback | None) -> dict[str, Any] | None:
    """As the page is told."""
    return None if feedback is None else {name: getattr(feedback, name) for name in PUBLIC_FIELDS}
