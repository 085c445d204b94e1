"""What an agent works on: the records of one partition, the rows of its table, and what is to be sent."""

from collections.abc import Callable, Iterable
from typing import Protocol

from schemas.codes.fix_fault import FixFault
from schemas.codes.record_outcome import RecordOutcome
from schemas.codes.reject import RejectCode
from schemas.erasure import RemovedItem
from schemas.verdict import VerdictLabel

CountedEvent = FixFault | RecordOutcome | RejectCode | VerdictLabel | RemovedItem
"""A fault of a fix, what became of a record, why it was rejected, what a published verdict says, what was erased."""


class Record(Protocol):
    """One record of a topic. `timestamp`: epoch milliseconds, given by its producer."""

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
    """All of it becomes true at once, or nothing does. An agent must not await anything while it holds one."""

    @property
    def records(self) -> Iterable[Record]:
        """The records in order. May end early when the batch is full; the rest come in the next one."""
        ...

    def get(self, key: bytes) -> bytes | None:
        """The row, as this batch has left it."""
        ...

    def put(self, key: bytes, value: bytes | None) -> None:
        """Sets the row. None: deletes it."""
        ...

    def send(self, topic: str, key: bytes | None, value: bytes) -> None:
        """Sends a record to the partition of the same number."""
        ...

    def count(self, what: CountedEvent, number: int = 1) -> None:
        """Notes that this has happened so often. Told when the batch has become true."""
        ...


RowMaintenance = Callable[[Batch, bytes, int], None]
"""What is done to each row in its turn: to the row of this key, at this time in epoch milliseconds. Total."""
