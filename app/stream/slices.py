"""Slices: what Faust hands to an agent as one message is a run of records fetched together."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from faust.types import TP

RECORDS_MAX: Final = 8000
"""A slice holds the event loop for its length times a few microseconds; longer ones raise throughput and latency."""


class Slice(NamedTuple):
    """Records of one partition, at least one, in order.

    `follows`: whatever exists from this offset on, up to the last record, is in the slice.
    """

    follows: int
    records: Sequence[Any]

    @property
    def source(self) -> TP:
        return TP(self.records[0].topic, self.records[0].partition)

    @property
    def next_offset(self) -> int:
        return int(self.records[-1].offset) + 1

    def joined_by(self, later: "Slice") -> "Slice | None":
        """Both as one. None: they would be too long, or something may lie between them."""
        if self.next_offset != later.follows or len(self.records) + len(later.records) > RECORDS_MAX:
            return None
        return Slice(self.follows, [*self.records, *later.records])


class Slices:
    """Faust's consumer scheduler: cuts what was fetched into slices, the partitions taking turns."""

    def iterate(self, fetched: Mapping[TP, Slice]) -> Iterator[tuple[TP, Slice]]:
        """Slices with their partitions, each partition's in order."""
        under_way = {tp: _cut(whole) for tp, whole in fetched.items()}
        while under_way:
            for tp in list(under_way):
                if part := next(under_way[tp], None):
                    yield tp, part
                else:
                    del under_way[tp]


def _cut(whole: Slice) -> Iterator[Slice]:
    follows, records = whole
    for start in range(0, len(records), RECORDS_MAX):
        part = Slice(follows, records[start : start + RECORDS_MAX])
        yield part
        follows = part.next_offset
