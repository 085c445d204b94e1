"""Writer of feedback: it writes to the topic and shows the feedback before the stores have it (read-your-writes)."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec
from aiokafka.errors import KafkaError

from app.api.cases.case_history import CaseHistory
from app.api.cases.search import StoredCase
from app.api.messages import FeedbackResponse
from app.errors import UnavailableError
from app.kafka.client import translate_error
from app.kafka.producer import LazyProducer
from app.settings import Settings
from schemas.feedback import Disposition, Feedback, Note, Revision, encode_feedback
from schemas.json.timestamps import format_us

CONFIRM_TIMEOUT_S: Final = 10.0
PENDING_MAX: Final = 1_000
"""Maximum number of cases with feedback that the stores may not have yet. Beyond it, the oldest is evicted."""


class PendingFeedback(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Feedback as an analyst sends it. `revision`: the one that was on the screen."""

    verdict: Disposition
    revision: Revision
    note: Note = ""


class FeedbackWriter:
    """Writes to the topic `feedback`. It connects at the first submission."""

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._producer = LazyProducer(settings, idempotent=True)
        self._pending: OrderedDict[str, Feedback] = OrderedDict()

    async def submit(self, pending: PendingFeedback, analyst: str, case: StoredCase, history: CaseHistory) -> Feedback:
        """Write feedback, and return it once all replicas have it.

        Raises:
            UnavailableError: the broker has not confirmed in time. It may have the record; a repetition does no harm.
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
        """Track feedback that the stores may not have yet."""
        self._pending[feedback.id] = feedback
        self._pending.move_to_end(feedback.id)
        while len(self._pending) > PENDING_MAX:
            self._pending.popitem(last=False)

    def latest(self, id_: str, stored: Feedback | None) -> Feedback | None:
        """Return the latest feedback on a case: stored or pending. Stop tracking it once the store has it."""
        said = self._pending.get(id_)
        if said is None or (stored is not None and stored.version >= said.version):
            self._pending.pop(id_, None)
            return stored
        return said

    def latest_of(self, ids: Iterable[str], stored: Mapping[str, Feedback]) -> dict[str, Feedback]:
        """Return the latest feedback of each case that has any."""
        newest = {id_: self.latest(id_, stored.get(id_)) for id_ in ids}
        return {id_: said for id_, said in newest.items() if said is not None}

    def evict(self, id_: str) -> None:
        """Drop the pending feedback of a case that no longer exists."""
        self._pending.pop(id_, None)

    async def close(self) -> None:
        """Close the connection."""
        await self._producer.close()

    def _next_version(self, id_: str) -> int:
        """Return the time in microseconds, made later than pending feedback: the last submission wins."""
        before = self._pending.get(id_)
        return max(int(1_000_000 * self._clock()), 0 if before is None else before.version + 1)

    async def _write(self, feedback: Feedback, history: CaseHistory) -> None:
        try:
            async with asyncio.timeout(CONFIRM_TIMEOUT_S):
                producer = await self._producer.connected()
                # The partition of the case, so that a later erasure of the device follows the feedback.
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
                f"Kafka at {self._settings.kafka} did not confirm in time, so the feedback may be lost: save it again"
            ) from None


def feedback_response(feedback: Feedback) -> FeedbackResponse:
    """Return the feedback as the page receives it, without the device token."""
    return FeedbackResponse(**{name: getattr(feedback, name) for name in FeedbackResponse.__struct_fields__})
