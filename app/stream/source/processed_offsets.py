"""Positions: for each partition, the offset below which everything is done. Nothing else is ever committed."""

from collections.abc import Mapping

from faust.types import TP


class ProcessedOffsets:
    """Only moves forward: Faust may seek twice at once, and the slower of the two brings old news."""

    def __init__(self) -> None:
        self._done: dict[TP, int] = {}

    def __getitem__(self, tp: TP) -> int:
        return self._done[tp]

    def get(self, tp: TP) -> int | None:
        return self._done.get(tp)

    def start_at(self, tp: TP, offset: int) -> None:
        """Where a group begins that has committed nothing yet."""
        self._done.setdefault(tp, offset)

    def advance(self, tp: TP, offset: int) -> None:
        """Everything below `offset` is done and durable."""
        self._done[tp] = max(offset, self._done.get(tp, 0))

    def forget(self, tp: TP) -> None:
        """The partition is not ours any more."""
        self._done.pop(tp, None)

    def of(self, tps: set[TP]) -> Mapping[TP, int]:
        return {tp: self._done[tp] for tp in tps & self._done.keys()}

    def partitions(self) -> list[TP]:
        return list(self._done)
