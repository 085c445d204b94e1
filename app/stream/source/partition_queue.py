"""Batches that are waiting to be applied to the rows of a partition, one per topic.

A batch that continues a waiting one is merged into it. So a busier worker processes fewer and larger batches, and each
batch costs about as much as thirty records.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from faust.types import TP

from agents.batch import Batch
from app.stream.source.fetched_batch import RECORDS_MAX, FetchedBatch

QUEUED_RECORDS_MAX: Final = 8 * RECORDS_MAX
"""Records in the queue over all partitions, without those that are being processed: about 50 MB of fixes."""

BatchHandler = Callable[[Batch], None]
"""Processes a batch. Total: a bad record is a value, and an exception ends the process."""


@dataclass(slots=True)
class PendingBatch:
    """A batch with its handler. `advances_time`: as in `DurableTable.enqueue`."""

    batch: FetchedBatch
    handler: BatchHandler
    advances_time: bool


class PartitionQueue:
    """Pending batches by partition, first in, first out. Its size is limited."""

    def __init__(self) -> None:
        self._pending: defaultdict[int, dict[TP, PendingBatch]] = defaultdict(dict)
        self._records = 0
        self._room_freed = asyncio.Event()

    async def put(self, pending: PendingBatch) -> None:
        """Add a batch. Waits until the queue has room for it."""
        while not self._try_put(pending):
            self._room_freed.clear()
            await self._room_freed.wait()

    def take_next(self, partition: int) -> PendingBatch | None:
        """Remove and return the oldest batch of a partition. None: there is none."""
        queue = self._pending[partition]
        if not queue:
            return None
        pending = queue.pop(next(iter(queue)))
        self._records -= len(pending.batch.records)
        self._room_freed.set()
        return pending

    def _try_put(self, pending: PendingBatch) -> bool:
        """Add or merge a batch. False: the queue is full, or the pending batch of its source cannot be merged."""
        source, count = pending.batch.source, len(pending.batch.records)
        if self._records and self._records + count > QUEUED_RECORDS_MAX:
            return False
        earlier = self._pending[source.partition].setdefault(source, pending)
        if earlier is not pending:
            merged = earlier.batch.merge(pending.batch)
            if merged is None:
                return False
            earlier.batch = merged
        self._records += count
        return True
