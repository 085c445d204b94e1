"""The records that one fetch returned from one partition. Faust hands them to an agent as one message."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from faust.types import TP

RECORDS_MAX: Final = 8000
"""Records per batch. A batch blocks the event loop for a few microseconds per record. Longer batches raise throughput
and latency.
"""


class FetchedBatch(NamedTuple):
    """Consecutive records of one partition, at least one, in order.

    `start_offset`: the batch contains every record that exists from this offset to its last record.
    """

    start_offset: int
    records: Sequence[Any]

    @property
    def source(self) -> TP:
        return TP(self.records[0].topic, self.records[0].partition)

    @property
    def next_offset(self) -> int:
        return int(self.records[-1].offset) + 1

    def merge(self, later: "FetchedBatch") -> "FetchedBatch | None":
        """Return both batches as one. None: it would be too long, or a record may lie between them."""
        if self.next_offset != later.start_offset or len(self.records) + len(later.records) > RECORDS_MAX:
            return None
        return FetchedBatch(self.start_offset, [*self.records, *later.records])
