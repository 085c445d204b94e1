"""Interfaces of the rows of one partition and of the backend that keeps them."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Protocol

from app.stream.output.producer import Message


class PartitionStore(Mapping[bytes, bytes], ABC):
    """The rows of one partition, with their checkpoints.

    Rows may change during an iteration, which then yields no key twice.

    Attributes:
        offset: changelog offset up to which the rows are complete. None: unknown.
        last_checkpoint: key of the checkpoint that was written last, which is that of the last batch.
    """

    offset: int | None = None
    last_checkpoint: bytes | None = None

    @abstractmethod
    def write(self, messages: Iterable[Message], offset: int, last_checkpoint: bytes | None) -> None:
        """Apply the messages atomically, together with `offset` and, unless it is None, `last_checkpoint`.

        A message without a value deletes its row. A message without a key is ignored.
        """


class StateBackend(Protocol):
    """The place where a worker keeps the rows of a table.

    The worker opens a partition when it is assigned and closes it when it is revoked.
    """

    def open(self, number: int) -> PartitionStore:
        """Return the rows of a partition as this worker left them. Empty: there are none, or they are not usable."""
        ...

    def reset(self, number: int) -> PartitionStore:
        """Return an empty store for an open partition whose rows are wrong."""
        ...

    async def close(self, number: int) -> None:
        """Close a partition that another worker may change from now on."""
        ...
