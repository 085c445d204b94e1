"""Processed offsets: the offset of each partition below which every record is processed. Only these are committed."""

from collections.abc import Mapping

from faust.types import TP


class ProcessedOffsets:
    """Processed offsets by partition. They never decrease.

    Faust may run two seeks at once, and the slower one brings an older offset.
    """

    def __init__(self) -> None:
        self._offsets: dict[TP, int] = {}

    def __getitem__(self, tp: TP) -> int:
        return self._offsets[tp]

    def get(self, tp: TP) -> int | None:
        return self._offsets.get(tp)

    def start_at(self, tp: TP, offset: int) -> None:
        """Set the first offset of a partition for which the group has committed nothing."""
        self._offsets.setdefault(tp, offset)

    def advance(self, tp: TP, offset: int) -> None:
        """Note that every record below `offset` is processed and durable."""
        self._offsets[tp] = max(offset, self._offsets.get(tp, 0))

    def forget(self, tp: TP) -> None:
        """Drop a partition that another worker may own."""
        self._offsets.pop(tp, None)

    def of(self, tps: set[TP]) -> Mapping[TP, int]:
        """Return the offsets of the given partitions, without those that are not tracked."""
        return {tp: self._offsets[tp] for tp in tps & self._offsets.keys()}

    def partitions(self) -> list[TP]:
        return list(self._offsets)
