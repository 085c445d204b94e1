"""Rounds: every row of a partition is looked at about once an hour, some with every batch."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

PERIOD_MS: Final = 3_600_000
ROWS_A_BATCH: Final = 64
"""At least so many: no payment waits for them, since a row takes 2 to 3 microseconds."""

ROWS_A_BATCH_MAX: Final = 4096
"""At most so many, where batches are few and rows are many: about 10 milliseconds."""


@dataclass(slots=True)
class _Pass:
    began_at_ms: int
    looked_at_ms: int
    size: int
    keys: Iterator[bytes]


class IncrementalSweep:
    """By partition, which rows are next. Time is that of the records, so it stands still where nothing happens."""

    def __init__(self) -> None:
        self._rounds: dict[int, _Pass] = {}

    def next_keys(self, partition: int, rows: Mapping[bytes, bytes], now_ms: int) -> list[bytes]:
        """The next keys of this round; none while the next round is not due. A row may be gone by then.

        `rows`: as `app.stream.state.partition_store.Rows`, which may change while they are iterated.
        """
        under_way = self._rounds.get(partition)
        if under_way is not None and (keys := list(islice(under_way.keys, _share(under_way, now_ms)))):
            under_way.looked_at_ms = now_ms
            return keys
        if under_way is not None and now_ms - under_way.began_at_ms < PERIOD_MS:
            return []
        self._rounds[partition] = begun = _Pass(now_ms, now_ms, len(rows), iter(rows))
        return list(islice(begun.keys, ROWS_A_BATCH))


def _share(of: _Pass, now_ms: int) -> int:
    """So many rows that the round is over in an hour, within the bounds of a batch."""
    due = of.size * (now_ms - of.looked_at_ms) // PERIOD_MS
    return max(ROWS_A_BATCH, min(due, ROWS_A_BATCH_MAX))
