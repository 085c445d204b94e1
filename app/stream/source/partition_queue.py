"""Turns: what waits to be folded into the rows of a partition, a turn for each topic.

A slice that goes on where the waiting one ends joins it. So the busier a worker is, the fewer and larger are its
batches, each of which costs about as much as thirty records.
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
"""So many records may wait, over all partitions, beside those that are being folded: about 50 MB of fixes."""

BatchHandler = Callable[[Batch], None]
"""An agent's work on a batch. Total: bad records are values; an exception ends the process."""


@dataclass(slots=True)
class PendingBatch:
    """Records of one source and what is done with them."""

    batch: FetchedBatch
    handler: BatchHandler
    advances_time: bool


class PartitionQueue:
    """In each partition first come, first served."""

    def __init__(self) -> None:
        self._waiting: defaultdict[int, dict[TP, PendingBatch]] = defaultdict(dict)
        self._records = 0
        self._begun = asyncio.Event()

    async def put(self, turn: PendingBatch) -> None:
        """Returns when the records are among those that wait: at once, or when others have begun."""
        while not self._joined(turn):
            self._begun.clear()
            await self._begun.wait()

    def take_next(self, partition: int) -> PendingBatch | None:
        """The partition's next turn, which waits no more; None: nothing waits."""
        waiting = self._waiting[partition]
        if not waiting:
            return None
        turn = waiting.pop(next(iter(waiting)))
        self._records -= len(turn.batch.records)
        self._begun.set()
        return turn

    def _joined(self, turn: PendingBatch) -> bool:
        """False: too much waits already, or what waits of its source is not to be joined."""
        source, count = turn.batch.source, len(turn.batch.records)
        if self._records and self._records + count > QUEUED_RECORDS_MAX:
            return False
        waiting = self._waiting[source.partition].setdefault(source, turn)
        if waiting is not turn:
            both = waiting.batch.merge(turn.batch)
            if both is None:
                return False
            waiting.batch = both
        self._records += count
        return True
