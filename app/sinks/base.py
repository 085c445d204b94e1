"""What every store can do. The contract suite in tests/contract runs over all of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from app.sinks.retention import MonthPartition
from schemas.stored_document import StoredDocument


class Dataset(StrEnum):
    """Where in a store a document goes; also the name of the topic in `schemas.topics.Topics` it came from."""

    VERDICTS = "verdicts"
    SUSPECTS = "suspects"
    FEEDBACK = "feedback"


@dataclass(frozen=True, slots=True)
class RejectedDocument:
    """A document the store will never take. `reason`: the kind of fault in the store's word; its text would quote."""

    document: StoredDocument
    reason: str


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What became of what a store was given. `stale`: it had that version, or a newer one, already."""

    stored: int = 0
    stale: int = 0
    refusals: tuple[RejectedDocument, ...] = ()


class Sink(Protocol):
    """One store."""

    async def prepare(self) -> None:
        """Makes indexes and templates. Idempotent.

        Raises:
            UnavailableError: the store does not answer.
            ConfigurationError: the store refused.
        """
        ...

    async def store(self, shelf: Dataset, documents: Sequence[StoredDocument]) -> WriteResult:
        """Keeps the documents, one an id, the highest version of each. Idempotent.

        Returns what became of them: all but the refusals are durable, in the version given or a newer one.

        Raises:
            UnavailableError: the store does not answer, or is too busy. Any part may have been stored.
        """
        ...

    async def erase(self, shelf: Dataset, device_tokens: Collection[str]) -> int:
        """Deletes every document of these devices, durably, and returns how many there were. Idempotent.

        Raises:
            UnavailableError: the store does not answer, or is too busy. Any part may have been deleted.
        """
        ...

    async def expire(self, shelf: Dataset, before: MonthPartition) -> int:
        """Deletes what is about payments of earlier months, durably, and returns how many documents. Idempotent.

        Raises:
            UnavailableError: the store does not answer, or is too busy. Any part may have been deleted.
        """
        ...

    async def count(self, shelf: Dataset, device_tokens: Collection[str] | None = None) -> int:
        """How many documents the store holds and can find; only those of these devices, when some are given."""
        ...

    async def find(self, shelf: Dataset) -> Mapping[str, Mapping[str, Any]]:
        """Return every document by id. It reads all of them, so use it for checks and small collections only."""
        ...

    async def close(self) -> None: ...
