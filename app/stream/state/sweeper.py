"""Incremental sweep: each row of a partition is visited about once an hour, a few rows with each batch."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

PERIOD_MS: Final = 3_600_000
ROWS_PER_BATCH: Final = 64
"""Minimum of rows per batch. A row takes 2 to 3 microseconds, so no payment is delayed noticeably."""

ROWS_PER_BATCH_MAX: Final = 4096
"""Maximum of rows per batch, for partitions with few batches and many rows: about 10 milliseconds."""


@dataclass(slots=True)
class _Pass:
    began_at_ms: int
    continued_at_ms: int
    size: int
    keys: Iterator[bytes]


class IncrementalSweep:
    """The rows to visit next, by partition.

    Time is event time, the timestamps of records. It stands still where no records arrive.
    """

    def __init__(self) -> None:
        self._passes: dict[int, _Pass] = {}

    def next_keys(self, partition: int, rows: Mapping[bytes, bytes], now_ms: int) -> list[bytes]:
        """Return the next keys of the current pass. Empty: the next pass is not due yet.

        The row of a returned key may be gone. `rows` may change while they are iterated, as a `PartitionStore` allows.
        """
        current = self._passes.get(partition)
        if current is not None and (keys := list(islice(current.keys, _quota(current, now_ms)))):
            current.continued_at_ms = now_ms
            return keys
        if current is not None and now_ms - current.began_at_ms < PERIOD_MS:
            return []
        self._passes[partition] = begun = _Pass(now_ms, now_ms, len(rows), iter(rows))
        return list(islice(begun.keys, ROWS_PER_BATCH))


def _quota(current: _Pass, now_ms: int) -> int:
    """Return the number of rows with which the pass takes one hour, within the limits of a batch."""
    due = current.size * (now_ms - current.continued_at_ms) // PERIOD_MS
    return max(ROWS_PER_BATCH, min(due, ROWS_PER_BATCH_MAX))
