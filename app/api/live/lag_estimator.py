"""Estimate of the detector's consumer lag, seen from outside. Pure: the caller passes the time.

The lag is computed from committed offsets, so it includes about one second of finished work.
"""

from collections import deque
from collections.abc import Mapping
from typing import Final, NamedTuple

STALE_AFTER_S: Final = 10.0
"""Age of the newest sample beyond which the lag counts as unknown."""

SAMPLES_MAX: Final = 300


class LagEstimate(NamedTuple):
    """Number of unprocessed records, and about how many seconds the oldest of them has waited."""

    records: int
    seconds: float


class _Sample(NamedTuple):
    at_s: float
    ends: Mapping[tuple[str, int], int]


class LagEstimator:
    """Recent end offsets and the committed offsets. The key of both is topic and partition number."""

    def __init__(self) -> None:
        self._samples: deque[_Sample] = deque(maxlen=SAMPLES_MAX)
        self._committed: Mapping[tuple[str, int], int] = {}

    def record(
        self, now_s: float, ends: Mapping[tuple[str, int], int], committed: Mapping[tuple[str, int], int]
    ) -> None:
        """Add a sample. `committed` has only the partitions with a committed offset."""
        self._samples.append(_Sample(now_s, ends))
        self._committed = committed

    def estimate(self, now_s: float) -> LagEstimate | None:
        """Return the lag; None without a recent sample, or where no detector has ever committed an offset."""
        if not self._samples or not self._committed or now_s - self._samples[-1].at_s > STALE_AFTER_S:
            return None
        newest = self._samples[-1]
        behind = {
            partition: end - self._committed[partition]
            for partition, end in newest.ends.items()
            if partition in self._committed
        }
        records = sum(max(0, count) for count in behind.values())
        seen_s = [self._first_seen_s(partition) for partition, count in behind.items() if count > 0]
        return LagEstimate(records, round(newest.at_s - min(seen_s), 1) if seen_s else 0.0)

    def _first_seen_s(self, partition: tuple[str, int]) -> float:
        """Return the time of the first sample that had an unprocessed record of this partition."""
        first = None
        for sample in reversed(self._samples):
            if sample.ends.get(partition, 0) <= self._committed[partition]:
                break
            first = sample
        return self._samples[-1].at_s if first is None else first.at_s
