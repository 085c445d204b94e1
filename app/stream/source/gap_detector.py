"""Continuity: that no record was passed over between two fetches of a partition.

Offsets need not follow each other: compaction, the markers of transactions and retention make gaps. But records that
were fetched and then dropped, as happens when partitions are handed over, leave a hole that looks the same. What tells
them apart is to ask again: what a gap lacks does not come then either.
"""

from collections.abc import Sequence
from typing import Any

from faust.types import TP

from app.stream.source.fetched_batch import FetchedBatch


class GapDetector:
    """Where each partition goes on."""

    def __init__(self) -> None:
        self._next: dict[TP, int] = {}
        self._asked_again: dict[TP, int] = {}

    def seeked_to(self, tp: TP, offset: int) -> None:
        """The next fetch begins there, or before."""
        self._next[tp] = offset

    def next_offset(self, tp: TP) -> int | None:
        """Everything before it was; None: nothing is known of the partition."""
        return self._next.get(tp)

    def where(self, tp: TP) -> int:
        """The offset that comes next."""
        return self._next[tp]

    def accept(self, tp: TP, records: Sequence[Any]) -> FetchedBatch | None:
        """The records with the offset they follow. None: something may lie between, so ask again, from `where` on."""
        follows = self._next[tp]
        if records[0].offset > follows and self._asked_again.get(tp) != follows:
            self._asked_again[tp] = follows
            return None
        self._asked_again.pop(tp, None)
        return self.accept_unchecked(tp, records)

    def accept_unchecked(self, tp: TP, records: Sequence[Any]) -> FetchedBatch:
        """The records with the offset they follow, taken at their word: for changelogs, which have gaps everywhere."""
        found = FetchedBatch(self._next[tp], records)
        self._next[tp] = max(found.start_offset, found.next_offset)
        return found
