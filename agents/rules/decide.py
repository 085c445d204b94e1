"""Decide: could the holder have been where the card was used? One rule for live payments and for files."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from agents.rules.alibi import Scene, covers, least_distance_m, ruled_out
from agents.rules.belief import accuracy_m, believed
from agents.rules.geo import HALF_ROUND_EARTH_M, distance_m
from agents.rules.history import Track
from agents.rules.preset import Preset
from agents.rules.reach import reach_m, start_speed_mps, time_to_cover_s
from agents.rules.track import TrackPoint
from schemas.reason import ReasonCode
from schemas.verdict import Outcome


class Spot(NamedTuple):
    """Where and when a card was used. `uncertainty_m` is one sigma; None: it does not say."""

    latitude: float
    longitude: float
    uncertainty_m: float | None
    at_us: int


@dataclass(frozen=True, slots=True)
class Measure:
    """What one fix says of the spot. Speeds are averages over the time between; None where there is no time between.

    `reach_m` is the furthest the holder could have come in that time, the clock's uncertainty included.
    """

    is_before: bool
    distance_m: float
    least_distance_m: float
    elapsed_s: float
    reach_m: float
    reported_speed_mps: float | None

    @property
    def implied_speed_mps(self) -> float | None:
        return self.least_distance_m / self.elapsed_s if self.elapsed_s > 0 else None

    @property
    def allowed_speed_mps(self) -> float | None:
        return self.reach_m / self.elapsed_s if self.elapsed_s > 0 else None


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer and what it rests on.

    Attributes:
        settled: a fix after the payment's last possible moment was known, so time alone changes nothing any more.
        before: the fix that binds most at or before the payment. `after`: likewise after it.
        measure: of whichever of the two binds more.
    """

    outcome: Outcome
    codes: tuple[ReasonCode, ...]
    settled: bool = False
    before: TrackPoint | None = None
    after: TrackPoint | None = None
    measure: Measure | None = None


def decide(spot: Spot | None, track: Track, preset: Preset) -> Finding:
    """The finding for a spot from what is remembered of the phone. Total."""
    if spot is None:
        return Finding(Outcome.NOT_EVALUABLE, (ReasonCode.NO_PLACE,), settled=True)
    last = track.last(spot.at_us) if preset.last_fix_only else None
    if last is not None:
        return _weigh(spot, [last], preset)
    around = track.evidence(spot.at_us / 1000)
    if not around:
        return Finding(Outcome.NOT_EVALUABLE, (_why_nothing(track.oldest_ms, spot),))
    trusted = believed([point for point in around if not point.mock], preset)
    if not trusted:
        return Finding(Outcome.NOT_EVALUABLE, (ReasonCode.PHONE_UNTRUSTED,))
    return _weigh(spot, trusted, preset)


def _why_nothing(oldest_ms: int | None, spot: Spot) -> ReasonCode:
    if oldest_ms is None:
        return ReasonCode.NO_FIX
    return ReasonCode.STALE_FIX if oldest_ms * 1000 < spot.at_us else ReasonCode.LATE_PAYMENT


def _weigh(spot: Spot, points: Sequence[TrackPoint], preset: Preset) -> Finding:
    """The finding from points (at least one) that are all believed, in order of time."""
    scene = _scene(spot, preset)
    before = [point for point in reversed(points) if point.at_ms * 1000 <= spot.at_us]
    after = [point for point in points if point.at_ms * 1000 > spot.at_us]
    codes = _unreachable(before, after, scene, preset)
    outcome = Outcome.SUSPECT
    if not codes:
        codes = (_why_not_suspect(before, after, scene, preset),)
        outcome = Outcome.CLEAR if ReasonCode.REACHABLE in codes else Outcome.NOT_EVALUABLE

    if outcome is Outcome.SUSPECT:  # rests on the fix that contradicts most; anything else on the nearest in time
        before, after = _most_binding(before, scene, preset), _most_binding(after, scene, preset)
        (binding,) = _most_binding([*before[:1], *after[:1]], scene, preset)
    else:
        binding = min([*before[:1], *after[:1]], key=scene.elapsed_s)
    return Finding(
        outcome,
        codes,
        settled=points[-1].at_ms * 1000 > scene.last_us,
        before=before[0] if before else None,
        after=after[0] if after else None,
        measure=_measure(binding, scene, preset),
    )


def _scene(spot: Spot, preset: Preset) -> Scene:
    uncertainty_m = spot.uncertainty_m if spot.uncertainty_m is not None else preset.place_uncertainty_m
    clock_us = round(preset.clock_uncertainty_s * 1e6)
    return Scene(spot.latitude, spot.longitude, uncertainty_m, spot.at_us, clock_us)


def _unreachable(
    before: Sequence[TrackPoint], after: Sequence[TrackPoint], scene: Scene, preset: Preset
) -> tuple[ReasonCode, ...]:
    """Which side rules the place out alone; both codes where only the two together do; empty where they do not."""
    spans_before, spans_after = ruled_out(before, scene, preset), ruled_out(after, scene, preset)
    alone = (
        (ReasonCode.UNREACHABLE_BEFORE, covers(spans_before, scene)),
        (ReasonCode.UNREACHABLE_AFTER, covers(spans_after, scene)),
    )
    if any(ruled for _, ruled in alone):
        return tuple(code for code, ruled in alone if ruled)
    return tuple(code for code, _ in alone) if covers([*spans_before, *spans_after], scene) else ()


def _why_not_suspect(
    before: Sequence[TrackPoint], after: Sequence[TrackPoint], scene: Scene, preset: Preset
) -> ReasonCode:
    if all(accuracy_m(point, preset) > preset.vague_from_m for point in chain(before, after)):
        return ReasonCode.LOW_ACCURACY
    gap_s = min(scene.elapsed_s(point) for point in [*before[:1], *after[:1]])
    if reach_m(preset.speed_margin_mps, gap_s, preset) >= HALF_ROUND_EARTH_M:
        return ReasonCode.STALE_FIX
    return ReasonCode.REACHABLE


def _most_binding(points: Sequence[TrackPoint], scene: Scene, preset: Preset) -> list[TrackPoint]:
    """The one point, if any, whose way to the place most exceeds the time there was."""
    return [max(points, key=lambda point: _margin_s(point, scene, preset))] if points else []


def _margin_s(point: TrackPoint, scene: Scene, preset: Preset) -> float:
    """By how much the way from the point to the place takes longer than there was time; negative: it does not."""
    start_mps = start_speed_mps(point, preset)
    return time_to_cover_s(least_distance_m(point, scene, preset), start_mps, preset) - scene.elapsed_s(point)


def _measure(point: TrackPoint, scene: Scene, preset: Preset) -> Measure:
    elapsed_s = scene.elapsed_s(point)
    start_mps = start_speed_mps(point, preset)
    return Measure(
        is_before=point.at_ms * 1000 <= scene.at_us,
        distance_m=distance_m(point.latitude, point.longitude, scene.latitude, scene.longitude),
        least_distance_m=least_distance_m(point, scene, preset),
        elapsed_s=elapsed_s,
        reach_m=reach_m(start_mps, elapsed_s + preset.clock_uncertainty_s, preset),
        reported_speed_mps=point.speed_mps,
    )
