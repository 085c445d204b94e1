"""One partition of the topic of suspects as one channel sees it: its offsets and its throttle. Pure."""

from dataclasses import dataclass

from agents.batch import Record
from app.alerts.offset_tracker import OUT_OF_ORDER_MAX, CommitState, OffsetTracker
from app.alerts.throttle import AlertThrottle, Notify, Suppressed
from schemas.codes.reject import Reject
from schemas.erasure import Erasure, parse_erasure
from schemas.verdict import parse_verdict


@dataclass(frozen=True, slots=True)
class PendingAlert:
    """A suspect to send, with the record that carried it."""

    record: Record
    notify: Notify


class PartitionState:
    """Offsets and throttle of one partition.

    The caller passes records in the order of their offsets. It starts before the committed offset, so that the throttle
    remembers its earlier decisions.
    """

    def __init__(self, committed: CommitState, throttle: AlertThrottle) -> None:
        self._offsets = OffsetTracker(committed)
        self._throttle = throttle

    def read(self, record: Record) -> PendingAlert | Erasure | Suppressed | None:
        """Return what to do about a record that is not done yet. None: nothing.

        A record that is neither a verdict nor an erasure is ignored: the sinks write its dead letter.
        """
        is_new = not self._offsets.is_done(record.offset)
        found = self._decide(record)
        self._offsets.mark_read(record.offset, record.timestamp, pending=is_new and isinstance(found, Notify))
        if not is_new:
            return None
        return PendingAlert(record, found) if isinstance(found, Notify) else found

    def mark_done(self, offset: int) -> None:
        """Note that the alert of this record is delivered, a dead letter, or erased."""
        self._offsets.mark_done([offset])

    @property
    def is_full(self) -> bool:
        """Whether the metadata of a commit can name no further offset."""
        return self._offsets.tracked >= OUT_OF_ORDER_MAX

    @property
    def commit_state(self) -> CommitState:
        """State to commit now."""
        return self._offsets.commit_state

    def _decide(self, record: Record) -> Notify | Erasure | Suppressed | None:
        verdict = parse_verdict(record.value)
        if not isinstance(verdict, Reject):
            return self._throttle.decide(verdict, record.timestamp / 1000)
        erasure = parse_erasure(record.value)
        if erasure is not None:
            self._throttle.erase(erasure.device_tokens)
        return erasure
