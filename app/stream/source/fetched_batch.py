"""Slices: what Faust hands to an agent as one message is a run of records fetched together."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from faust.types import TP

RECORDS_MAX: Final = 8000
"""A slice holds the event loop for its length times a few microseconds; longer ones raise throughput and latency."""


class FetchedBatch(NamedTuple):
    """Records of one partition, at least one, in order.

    `follows`: whatever exists from this offset on, up to the last record, is in the slice.
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
        """Both as one. None: they would be too long, or something may lie between them."""
        if self.next_offset != later.start_offset or len(self.records) + len(later.records) > RECORDS_MAX:
            return None
        return FetchedBatch(self.start_offset, [*self.records, *later.records])


class RoundRobinScheduler:
    """Faust's consumer scheduler: cuts what was fetched into slices, the partitions taking turns."""

    def iterate(self, fetched: Mapping[TP, FetchedBatch]) -> Iterator[tuple[TP, FetchedBatch]]:
        """Slices with their partitions, each partition's in order."""
        under_way = {tp: _cut(whole) for tp, whole in fetched.items()}
        while under_way:
            for tp in list(under_way):
                if part := next(under_way[tp], None):
                    yield tp, part
                else:
                    del under_way[tp]


def _cut(whole: FetchedBatch) -> Iterator[FetchedBatch]:
    follows, records = whole
    for start in range(0, len(records), RECORDS_MAX):
        part = FetchedBatch(follows, records[start : start + RECORDS_MAX])
        yield part
        follows = part.next_offset
