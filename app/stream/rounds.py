"""Rounds: every row of a partition is looked at once in a while, a few with every batch."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final, NamedTuple

PERIOD_MS: Final = 3_600_000
ROWS_A_BATCH: Final = 64
"""So few that no payment waits for it: a row takes 2 to 3 microseconds."""


class _Round(NamedTuple):
    began_at_ms: int
    keys: Iterator[bytes]


class Rounds:
    """By partition, which rows are next. Time is that of the records, so it stands still where nothing happens."""

    def __init__(self) -> None:
        self._rounds: dict[int, _Round] = {}

    def next_keys(self, partition: int, rows: Mapping[bytes, bytes], now_ms: int) -> list[bytes]:
        """The next few keys of this round; none while the next round is not due. A row may be gone by then."""
        under_way = self._rounds.get(partition)
        if under_way is not None and (keys := list(islice(under_way.keys, ROWS_A_BATCH))):
            return keys
        if under_way is not None and now_ms - under_way.began_at_ms < PERIOD_MS:
            return []
        self._rounds[partition] = begun = _Round(now_ms, iter(list(rows)))
        return list(islice(begun.keys, ROWS_A_BATCH))
