"""Rows of one partition, and the kind that lies in memory: a dictionary, so that a partition can go as a whole."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from app.stream.output.producer import Message


class PartitionStore(Mapping[bytes, bytes], ABC):
    """The rows of one partition, marks included. They may change while they are iterated; no row is named twice then.

    Attributes:
        offset: up to there they are what the changelog says; None: nothing is known of it.
        last_mark: the key of the mark that was written last of all: that of the last batch.
    """

    offset: int | None = None
    last_checkpoint: bytes | None = None

    @abstractmethod
    def write(self, messages: Iterable[Message], offset: int, last_mark: bytes | None) -> None:
        """Makes rows true, all at once, and with them `offset` and, unless it is None, `last_mark`.

        A message without value: the row is gone. One without key is none.
        """


class StateBackend(Protocol):
    """Where the rows of a table lie. A partition is opened when it is assigned and closed when it is taken away."""

    def open(self, number: int) -> PartitionStore:
        """The rows of a partition, as they were left here; none, where nothing of it is here or can be trusted."""
        ...

    def reset(self, number: int) -> PartitionStore:
        """No rows of a partition that is open: what was here is not true."""
        ...

    async def close(self, number: int) -> None:
        """The partition is another worker's now, and changes elsewhere."""
        ...


class MemoryPartitionStore(dict[bytes, bytes], PartitionStore):
    """They go with the process, and with the partition."""

    def __iter__(self) -> Iterator[bytes]:
        return iter(list(self.keys()))

    def write(self, messages: Iterable[Message], offset: int, last_mark: bytes | None) -> None:
        for key, value in messages:
            if not key:
                continue
            if value is None:
                self.pop(key, None)
            else:
                self[key] = value
        self.offset, self.last_checkpoint = offset, last_mark or self.last_checkpoint


class MemoryBackend:
    """The place that forgets: what comes back is read from the beginning of the changelog."""

    def open(self, number: int) -> PartitionStore:
        return MemoryPartitionStore()

    def reset(self, number: int) -> PartitionStore:
        return MemoryPartitionStore()

    async def close(self, number: int) -> None:
        """There is nothing to close."""
