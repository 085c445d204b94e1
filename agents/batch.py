"""Batch and record: the interface between an agent and the worker or test that runs it."""

from collections.abc import Callable, Iterable
from typing import Protocol

from schemas.codes.fix_fault import FixFault
from schemas.codes.record_outcome import RecordOutcome
from schemas.codes.reject import RejectCode
from schemas.erasure import RemovedItem
from schemas.verdict import VerdictLabel

CountedEvent = FixFault | RecordOutcome | RejectCode | VerdictLabel | RemovedItem
"""An event that the metrics count.

The fault of a fix, the outcome of a record, the reason of a rejection, the label of a published verdict, or an erased
item.
"""


class Record(Protocol):
    """One record of a topic. `timestamp`: epoch milliseconds, set by its producer."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...


class Batch(Protocol):
    """The unit of atomicity: everything in it becomes durable at once, or nothing does.

    An agent must not await while it holds a batch.
    """

    @property
    def records(self) -> Iterable[Record]:
        """The records in order. May end early if the batch is full; the next batch continues."""
        ...

    def get(self, key: bytes) -> bytes | None:
        """Return the row with the changes of this batch, or None if there is no row."""
        ...

    def put(self, key: bytes, value: bytes | None) -> None:
        """Set the row. None deletes it."""
        ...

    def send(self, topic: str, key: bytes | None, value: bytes) -> None:
        """Send a record to the partition with the number of this batch's partition."""
        ...

    def count(self, event: CountedEvent, number: int = 1) -> None:
        """Add to the count of an event. The metrics report it once the batch is durable."""
        ...


RowMaintenance = Callable[[Batch, bytes, int], None]
"""Expiry work on one row: the batch, the key of the row, the current event time in epoch milliseconds. Total."""
