"""History: which points of a track are kept, dense near a moment and thinner away from it.

Time is cut into buckets on a grid that is the same for everyone, and each bucket keeps its best point. A wider
bucket is made of whole narrower ones and its best point is the best of theirs, so thinning twice, in any order and
with any repeats, gives what thinning once gives.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from agents.rules.track import TrackPoint

DAY_S: Final = 86_400


class Tier(NamedTuple):
    """Up to `within_s` from the moment, one point per `bucket_s`. Each bucket is a multiple of the one before."""

    within_s: int
    bucket_s: int


EVIDENCE_TIERS: Final = (Tier(60, 1), Tier(180, 10), Tier(900, 60), Tier(7_200, 600), Tier(DAY_S, 3_600))
"""What a verdict looks at around its payment. Near it every second counts; further away points only matter where
the nearer ones are missing or vague, because whoever could go on from a nearer point could also from an older one.
"""

EVIDENCE_AFTER_S: Final = 7_200
"""How long after a payment a fix still speaks of it: pushes come up to an hour late, and so may the payment."""

_LATE_S: Final = 120  # a payment this late still finds the history as dense as one in time
KEPT_TIERS: Final = tuple(Tier(tier.within_s + _LATE_S, tier.bucket_s) for tier in EVIDENCE_TIERS)


def thin(points: Iterable[TrackPoint], around_ms: float, tiers: tuple[Tier, ...]) -> list[TrackPoint]:
    """The best point of each bucket, in order of time; none that is further away than the last tier."""
    best: dict[tuple[int, int], TrackPoint] = {}
    for point in points:
        away_ms = abs(around_ms - point.at_ms)
        for within_s, bucket_s in tiers:
            if away_ms <= within_s * 1000:
                bucket = (bucket_s, point.at_ms // (bucket_s * 1000))
                held = best.get(bucket)
                if held is None or _rank(point) < _rank(held):
                    best[bucket] = point
                break
    return sorted(best.values(), key=_at_ms)


def _at_ms(point: TrackPoint) -> int:
    return point.at_ms  # unique here: points of one instant share a bucket


def _rank(point: TrackPoint) -> tuple[object, ...]:
    """Lower is better: honest before mock, exact before vague, early before late; then whatever is the same for all."""
    accuracy_m = float("inf") if point.accuracy_m is None else point.accuracy_m
    speed_mps = -1.0 if point.speed_mps is None else point.speed_mps
    return (point.mock, accuracy_m, point.at_ms, point.latitude, point.longitude, speed_mps)
