"""Book: one partition as one channel sees it. A record becomes an alert, the news of an erasure, or nothing. Pure."""

from dataclasses import dataclass

from agents.batch import Record
from app.alerts.offset_tracker import BEYOND_MAX, CommitState, OffsetTracker
from app.alerts.throttle import AlertThrottle, Notify, Suppressed
from schemas.codes.reject import Reject
from schemas.erasure import Erasure, parse_erasure
from schemas.verdict import parse_verdict


@dataclass(frozen=True, slots=True)
class PendingAlert:
    """A suspect that is to be told of, and the record that it came in."""

    record: Record
    pick: Notify


class PartitionState:
    """Records are read in the order of their offsets; from before the bookmark on, to remember what was decided."""

    def __init__(self, begin: CommitState, picker: AlertThrottle) -> None:
        self._ledger = OffsetTracker(begin)
        self._picker = picker

    def read(self, record: Record) -> PendingAlert | Erasure | Suppressed | None:
        """What is to be done now, or counted. What is no verdict is a dead letter of the sinks, and nothing here."""
        is_new = not self._ledger.has_done(record.offset)
        found = self._understand(record)
        self._ledger.passed(record.offset, record.timestamp, waits=is_new and isinstance(found, Notify))
        if not is_new:
            return None
        return PendingAlert(record, found) if isinstance(found, Notify) else found

    def done(self, offset: int) -> None:
        """The alert of this record is delivered, a dead letter, or not to be sent any more."""
        self._ledger.done([offset])

    @property
    def is_full(self) -> bool:
        """Whether what waits, and what was done beyond it, is as much as a bookmark can say."""
        return self._ledger.load >= BEYOND_MAX

    @property
    def bookmark(self) -> CommitState:
        return self._ledger.bookmark

    def _understand(self, record: Record) -> Notify | Erasure | Suppressed | None:
        verdict = parse_verdict(record.value)
        if not isinstance(verdict, Reject):
            return self._picker.take(verdict, record.timestamp / 1000)
        erasure = parse_erasure(record.value)
        if erasure is not None:
            self._picker.erase(erasure.device_tokens)
        return erasure
