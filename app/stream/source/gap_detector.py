"""Detection of records that were skipped between two fetches of a partition.

Offsets are not always consecutive: compaction, transaction markers and retention leave gaps. Records that were fetched
and then dropped, as happens when partitions change owners, leave a hole that looks the same. A second fetch from the
same offset tells the two apart: it fills a hole, and it does not fill a gap.
"""

from collections.abc import Sequence
from typing import Any

from faust.types import TP

from app.stream.source.fetched_batch import FetchedBatch


class GapDetector:
    """The next expected offset of each partition."""

    def __init__(self) -> None:
        self._next: dict[TP, int] = {}
        self._refetched: dict[TP, int] = {}

    def seeked_to(self, tp: TP, offset: int) -> None:
        """Note that the next fetch of the partition begins at `offset` or before."""
        self._next[tp] = offset

    def next_offset(self, tp: TP) -> int | None:
        """Return the offset after the last accepted record. None: the partition is not tracked."""
        return self._next.get(tp)

    def refetch_offset(self, tp: TP) -> int:
        """Return the offset to fetch from after `accept` has returned None."""
        return self._next[tp]

    def accept(self, tp: TP, records: Sequence[Any]) -> FetchedBatch | None:
        """Return the records as a batch. None: records may be missing before them, so fetch again.

        The second fetch from the same offset is accepted with its gap, because the broker has no record in it.
        """
        expected = self._next[tp]
        if records[0].offset > expected and self._refetched.get(tp) != expected:
            self._refetched[tp] = expected
            return None
        self._refetched.pop(tp, None)
        return self.accept_unchecked(tp, records)

    def accept_unchecked(self, tp: TP, records: Sequence[Any]) -> FetchedBatch:
        """Return the records as a batch without a check. For changelogs, which have gaps everywhere."""
        batch = FetchedBatch(self._next[tp], records)
        self._next[tp] = max(batch.start_offset, batch.next_offset)
        return batch
