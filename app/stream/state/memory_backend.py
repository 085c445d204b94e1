"""State backend in memory. Each partition is a dictionary, so that a revoked one is freed as a whole."""

from collections.abc import Iterable, Iterator

from app.stream.output.producer import Message
from app.stream.state.partition_store import PartitionStore


class MemoryPartitionStore(dict[bytes, bytes], PartitionStore):
    """Rows in memory. They are gone when the process ends or the partition is closed."""

    def __iter__(self) -> Iterator[bytes]:
        return iter(list(self.keys()))

    def write(self, messages: Iterable[Message], offset: int, last_checkpoint: bytes | None) -> None:
        for key, value in messages:
            if not key:
                continue
            if value is None:
                self.pop(key, None)
            else:
                self[key] = value
        self.offset, self.last_checkpoint = offset, last_checkpoint or self.last_checkpoint


class MemoryBackend:
    """Backend without storage. A partition that is assigned again is read from the beginning of its changelog."""

    def open(self, number: int) -> PartitionStore:
        return MemoryPartitionStore()

    def reset(self, number: int) -> PartitionStore:
        return MemoryPartitionStore()

    async def close(self, number: int) -> None:
        """Do nothing: the store is freed with its last reference."""
