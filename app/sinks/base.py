"""The interface of sinks. The contract suite in `tests/contract` runs over every implementation with its real server.

To add a store, implement `Sink` and add a line to `app.topology.SINKS`. The contract suite then includes it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from app.sinks.retention import MonthPartition
from schemas.stored_document import StoredDocument


class Dataset(StrEnum):
    """A collection of documents in every store, named like its topic in `schemas.topics.Topics`."""

    VERDICTS = "verdicts"
    SUSPECTS = "suspects"
    FEEDBACK = "feedback"


@dataclass(frozen=True, slots=True)
class RejectedDocument:
    """A document that the store will never accept. The caller makes its record a dead letter.

    `reason`: the store's code or error type. Not its message, which can quote the document.
    """

    document: StoredDocument
    reason: str


@dataclass(frozen=True, slots=True)
class WriteResult:
    """The result of one write. Each document counts once.

    `stored`: new versions that are durable. `stale`: documents of which the store already held this or a newer version.
    """

    stored: int = 0
    stale: int = 0
    rejected: tuple[RejectedDocument, ...] = ()


class Sink(Protocol):
    """A connection to one store.

    Delivery to a sink is at least once: the same write can come again after a crash, from another process, or after a
    newer one. Therefore every method is idempotent, and a document id with a lower version never replaces a higher one.

    All methods are coroutines on the event loop of the worker. They must not block it: a synchronous driver belongs in
    a thread. Each call must end within a timeout. A worker writes to a dataset one batch after another. Writes to other
    datasets, and of other workers, run concurrently.

    `UnavailableError` means "try again": the caller retries with backoff, without limit, and meanwhile commits nothing.
    Raise it for every fault that can pass, such as a timeout, a full disk, or missing rights. Its message names what
    happened and what to do, and quotes no document. Any other exception stops the worker.
    """

    async def prepare(self) -> None:
        """Create or update indexes and mappings. `geovelocity init` calls it before any write.

        Raises:
            UnavailableError: the store does not answer.
            ConfigurationError: the store rejects the credentials or the definitions.
        """
        ...

    async def store(self, dataset: Dataset, documents: Sequence[StoredDocument]) -> WriteResult:
        """Write the documents by id, the highest version of each. Their ids are unique within a call.

        When it returns, everything but the rejected documents is durable, in this version or a newer one. Return a
        document as rejected only when no retry can succeed, because its record then becomes a dead letter.

        Raises:
            UnavailableError: the store does not answer or is overloaded. Any part may have been stored.
        """
        ...

    async def erase(self, dataset: Dataset, device_tokens: Collection[str]) -> int:
        """Delete all documents of these devices and return their number. The deletion is durable.

        Raises:
            UnavailableError: the store does not answer or is overloaded. Any part may have been deleted.
        """
        ...

    async def expire(self, dataset: Dataset, before: MonthPartition) -> int:
        """Delete the documents about payments of earlier months and return their number. The deletion is durable.

        Raises:
            UnavailableError: the store does not answer or is overloaded. Any part may have been deleted.
        """
        ...

    async def count(self, dataset: Dataset, device_tokens: Collection[str] | None = None) -> int:
        """Return the number of documents that a search can find, of these devices if any are given.

        Raises:
            UnavailableError: the store does not answer or is overloaded.
        """
        ...

    async def find(self, dataset: Dataset) -> Mapping[str, Mapping[str, Any]]:
        """Return every document by id. It reads the whole dataset: use it for checks and small datasets.

        Raises:
            UnavailableError: the store does not answer or is overloaded.
        """
        ...

    async def close(self) -> None:
        """Close the connection."""
        ...
