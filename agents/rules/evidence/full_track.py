"""Archive: a whole track at hand, as in a file. Finds the evidence for many payments without reading all of it."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from agents.rules.evidence.downsampling import (
    BUCKETS_S,
    Range,
    at_ms,
    best_per_key,
    best_per_second,
    non_mock,
    ranges_around,
)
from agents.rules.evidence.point_codec import TrackPoint
from agents.rules.evidence.selection import (
    EVIDENCE_TIERS,
    Evidence,
    is_followed_up,
    last_before,
    one_per_instant,
    points_near,
)


class FullTrack:
    """The best point of every bucket of each width, by its number."""

    def __init__(self, points: Iterable[TrackPoint]) -> None:
        self._points = points = list(points)
        seconds = best_per_second(points)
        self._honest = non_mock(seconds)
        self._best: list[dict[int, TrackPoint]] = []
        for bucket_s in BUCKETS_S:
            finer = self._best[-1].values() if self._best else seconds
            self._best.append(best_per_key(finer, 1000 * bucket_s))

    def dropped_before(self, moment_ms: float) -> bool:  # noqa: ARG002 - an archive never does
        return False

    def last(self, at_us: int) -> TrackPoint | None:
        return last_before(self._moments, at_us)

    @cached_property
    def _moments(self) -> list[TrackPoint]:
        return one_per_instant(self._points)

    def evidence(self, moment_ms: float) -> Evidence:
        """Exactly what `history.evidence` gives for all the points."""
        ranges = ranges_around(moment_ms, EVIDENCE_TIERS)
        first_ms, end_ms, width_ms = ranges[-1]
        keys = range(first_ms // width_ms, int(end_ms) // width_ms)
        found = [point for key in keys for point in self._open(len(ranges) - 1, key, ranges)]
        return is_followed_up(sorted(found, key=at_ms), points_near(self._honest, moment_ms), moment_ms)

    def _open(self, level: int, key: int, ranges: Sequence[Range]) -> list[TrackPoint]:
        """The best points of a bucket's parts when it is opened, otherwise its own."""
        best = self._best[level].get(key)
        if best is None:
            return []
        if not level or not ranges[level - 1].first_ms <= key * ranges[level].width_ms < ranges[level - 1].end_ms:
            return [best]
        times = BUCKETS_S[level] // BUCKETS_S[level - 1]
        parts = range(key * times, (key + 1) * times)
        return [point for part in parts for point in self._open(level - 1, part, ranges)]
