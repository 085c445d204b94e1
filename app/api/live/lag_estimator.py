"""Backlog: how far the detector is behind, seen from outside. Pure: the time is passed in.

It is told of as the detector has written it down, so about a second of work that is done counts still.
"""

from collections import deque
from collections.abc import Mapping
from typing import Final, NamedTuple

STALE_AFTER_S: Final = 10.0
"""After so long without news nothing is known any more."""

SAMPLES_MAX: Final = 300


class LagEstimate(NamedTuple):
    """So many records are not done, and the oldest of them has waited for about so long."""

    records: int
    seconds: float


class _Sample(NamedTuple):
    at_s: float
    ends: Mapping[tuple[str, int], int]


class LagEstimator:
    """Where partitions ended, lately, and how far the detector was. Partitions are called by topic and number."""

    def __init__(self) -> None:
        self._samples: deque[_Sample] = deque(maxlen=SAMPLES_MAX)
        self._committed: Mapping[tuple[str, int], int] = {}

    def record(
        self, now_s: float, ends: Mapping[tuple[str, int], int], committed: Mapping[tuple[str, int], int]
    ) -> None:
        """`done`: the next offset that is not, where there is one."""
        self._samples.append(_Sample(now_s, ends))
        self._committed = committed

    def estimate(self, now_s: float) -> LagEstimate | None:
        """None: nothing is known, or nobody has ever judged here."""
        if not self._samples or not self._committed or now_s - self._samples[-1].at_s > STALE_AFTER_S:
            return None
        newest = self._samples[-1]
        behind = {place: end - self._committed[place] for place, end in newest.ends.items() if place in self._committed}
        records = sum(max(0, count) for count in behind.values())
        seen_s = [self._first_seen_s(place) for place, count in behind.items() if count > 0]
        return LagEstimate(records, round(newest.at_s - min(seen_s), 1) if seen_s else 0.0)

    def _first_seen_s(self, place: tuple[str, int]) -> float:
        """When something was first there that is not done: at the latest sample before, it was not there yet."""
        first = None
        for sample in reversed(self._samples):
            if sample.ends.get(place, 0) <= self._committed[place]:
                break
            first = sample
        return self._samples[-1].at_s if first is None else first.at_s
