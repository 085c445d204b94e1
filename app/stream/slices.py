"""Slices: what Faust hands to an agent as one message is a list of records fetched together."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from faust.types import TP

RECORDS_MAX: Final = 4000
"""A slice holds the event loop for its length times a few microseconds; longer ones raise throughput and latency."""


class Slices:
    """Faust's consumer scheduler: cuts what was fetched into slices, the partitions taking turns."""

    def iterate(self, fetched: Mapping[TP, Sequence[Any]]) -> Iterator[tuple[TP, Sequence[Any]]]:
        """Slices with their partitions, each partition's in order."""
        longest = max(map(len, fetched.values()), default=0)
        for start in range(0, longest, RECORDS_MAX):
            for tp, records in fetched.items():
                if part := records[start : start + RECORDS_MAX]:
                    yield tp, part
