"""Full track: every point of a phone, as read from a file, indexed for many payments."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final

from agents.rules.evidence.downsampling import (
    Range,
    at_ms,
    best_per_key,
    best_per_second,
    ranges_around,
    without_mock,
)
from agents.rules.evidence.point_codec import TrackPoint
from agents.rules.evidence.selection import (
    EVIDENCE_TIERS,
    Evidence,
    build_evidence,
    last_before,
    one_per_instant,
    points_near,
)
from agents.rules.state_limits import STATE_LIMITS

_BUCKET_S: Final = STATE_LIMITS.bucket_s


class FullTrack:
    """A track with every point, and an index of the best point of every bucket of each width."""

    def __init__(self, points: Iterable[TrackPoint]) -> None:
        self._points = points = list(points)
        seconds = best_per_second(points)
        self._honest = without_mock(seconds)
        self._best: list[dict[int, TrackPoint]] = []
        for bucket_s in _BUCKET_S:
            finer = self._best[-1].values() if self._best else seconds
            self._best.append(best_per_key(finer, 1000 * bucket_s))

    def dropped_before(self, moment_ms: float) -> bool:  # noqa: ARG002 - a full track drops nothing
        return False

    def last(self, at_us: int) -> TrackPoint | None:
        return last_before(self._moments, at_us)

    @cached_property
    def _moments(self) -> list[TrackPoint]:
        return one_per_instant(self._points)

    def evidence(self, moment_ms: float) -> Evidence:
        """Return exactly what `select_evidence` returns for all the points."""
        ranges = ranges_around(moment_ms, EVIDENCE_TIERS)
        first_ms, end_ms, width_ms = ranges[-1]
        keys = range(first_ms // width_ms, int(end_ms) // width_ms)
        found = [point for key in keys for point in self._open(len(ranges) - 1, key, ranges)]
        return build_evidence(sorted(found, key=at_ms), points_near(self._honest, moment_ms), moment_ms)

    def _open(self, level: int, key: int, ranges: Sequence[Range]) -> list[TrackPoint]:
        """Return the best points of the parts of a bucket near the moment, otherwise the bucket's own."""
        best = self._best[level].get(key)
        if best is None:
            return []
        if not level or not ranges[level - 1].first_ms <= key * ranges[level].width_ms < ranges[level - 1].end_ms:
            return [best]
        parts_each = _BUCKET_S[level] // _BUCKET_S[level - 1]
        parts = range(key * parts_each, (key + 1) * parts_each)
        return [point for part in parts for point in self._open(level - 1, part, ranges)]
