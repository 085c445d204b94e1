"""Laws of the rule for every track and every payment."""

import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from agents.rules.decision.decide import decide
from agents.rules.decision.kinematics import reach_m, time_to_cover_s
from agents.rules.decision.payment_location import PaymentLocation
from agents.rules.decision.reachability import (
    Interval,
    constraints,
    covers,
    impossible,
    missing_time_s,
    reachable_at_stated_time,
)
from agents.rules.evidence.downsampling import best_per_second
from agents.rules.evidence.full_track import FullTrack
from agents.rules.evidence.outlier_filter import consistent_points
from agents.rules.evidence.point_codec import TrackPoint, pack, unpack
from agents.rules.evidence.selection import points_to_keep, select_evidence, summarise_segment
from agents.rules.geo import HALF_ROUND_EARTH_M, degrees_within, distance_m
from agents.rules.parameters import DEFAULT, PAPER, RuleParameters
from agents.rules.state_limits import STATE_LIMITS
from schemas.codes.reason import ReasonCode
from schemas.verdict import Outcome
from tests.support.make import NOON_MS
from tests.support.phone import location, point, track_point

LATITUDES = st.floats(-90, 90)
LONGITUDES = st.floats(-180, 180)
ACCURACIES = st.none() | st.sampled_from([4.0, 10.0, 64.0, 900.0, 5_000.0])
SPEEDS = st.none() | st.sampled_from([0.0, 1.25, 30.0, 250.0])


@st.composite
def points(draw: st.DrawFn) -> TrackPoint:
    """Draw a point: in most cases near noon and near home, in some far from both."""
    seconds = draw(st.integers(-120, 120) | st.integers(-100_000, 9_000))
    metres = draw(st.sampled_from([0.0, 20.0, 300.0, 40_000.0, 900_000.0]))
    return point(
        seconds, metres, accuracy_m=draw(ACCURACIES), speed_mps=draw(SPEEDS), mock=draw(st.integers(0, 9)) == 0
    )


TRACKS = st.lists(points(), max_size=40)
LOCATIONS = st.builds(location, st.sampled_from([0.0, 200.0, 600.0, 5_000.0, 300_000.0]), st.integers(-60, 60))


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_a_distance_is_symmetric_and_bounded_by_its_degrees(a: float, b: float, c: float, d: float) -> None:
    distance = distance_m(a, b, c, d)
    assert distance == pytest.approx(distance_m(c, d, a, b), abs=1e-6)
    assert 0 <= distance <= HALF_ROUND_EARTH_M * (1 + 1e-12)
    assert degrees_within(distance) <= abs(a - c) + abs(b - d) + 1e-9


@given(st.floats(1, 400), st.floats(0, 90_000), st.floats(0, 10_000))
def test_more_time_or_speed_never_shortens_the_reach(start_mps: float, elapsed_s: float, more: float) -> None:
    assert reach_m(start_mps, elapsed_s + more, DEFAULT) >= reach_m(start_mps, elapsed_s, DEFAULT)
    assert reach_m(min(start_mps + more, 278.0), elapsed_s, DEFAULT) >= reach_m(
        min(start_mps, 278.0), elapsed_s, DEFAULT
    )


@given(st.floats(0, 2.1e7), st.floats(1, 278))
def test_travel_time_and_reach_are_inverse(covered_m: float, start_mps: float) -> None:
    assert reach_m(start_mps, time_to_cover_s(covered_m, start_mps, DEFAULT), DEFAULT) == pytest.approx(
        covered_m, abs=1e-3
    )


@given(TRACKS, LOCATIONS, st.sampled_from([DEFAULT, PAPER]))
def test_a_payment_reachable_at_its_stated_time_is_possible(
    track: list[TrackPoint], where: PaymentLocation, preset: RuleParameters
) -> None:
    found = list(constraints(track, where, preset))
    is_reachable = reachable_at_stated_time(track, where, preset)
    assert is_reachable == all(missing_time_s(constraint, where, preset) <= 0 for constraint in found)
    assert not (is_reachable and found and impossible(found, where, preset))


@given(st.lists(points(), max_size=20))
def test_unpacking_restores_packed_points(track: list[TrackPoint]) -> None:
    assert unpack(pack(track)) == track


@given(LATITUDES, LONGITUDES, st.floats(0, 340), st.floats(0.1, 1e5))
def test_packing_shifts_a_point_by_less_than_two_centimetres(
    lat: float, lon: float, speed: float, accuracy: float
) -> None:
    assume((lat, lon) != (0, 0))
    packed = track_point(NOON_MS, lat, lon, accuracy, speed)
    assert distance_m(packed.latitude, packed.longitude, lat, lon) < 0.02
    assert packed.speed_mps == pytest.approx(speed, abs=0.006)
    assert packed.accuracy_m == pytest.approx(accuracy, rel=1e-6)


@given(TRACKS, st.integers(-120_000, 120_000))
def test_the_last_point_is_the_newest_before_or_else_the_first_after(track: list[TrackPoint], at_ms: int) -> None:
    last = FullTrack(track).last((NOON_MS + at_ms) * 1000)
    moments = sorted(one.at_ms for one in track)
    earlier = [moment for moment in moments if moment <= NOON_MS + at_ms]
    assert (last and last.at_ms) == next(iter(earlier[-1:] or moments[:1]), None)
    assert last is None or last in track


@given(TRACKS, st.randoms())
def test_arrival_order_and_repetitions_change_no_finding(track: list[TrackPoint], chance: random.Random) -> None:
    shuffled = track + track[: len(track) // 2]
    chance.shuffle(shuffled)
    at = location(600)
    assert decide(at, FullTrack(shuffled), DEFAULT) == decide(at, FullTrack(track), DEFAULT)


@given(TRACKS, st.floats(-50_000, 9_000))
def test_a_full_track_selects_the_same_evidence_as_a_scan_of_all_points(track: list[TrackPoint], at_s: float) -> None:
    at_ms = NOON_MS + at_s * 1000
    assert FullTrack(track).evidence(at_ms) == select_evidence(track, at_ms)


@given(TRACKS, st.integers(0, STATE_LIMITS.lateness_s))
def test_kept_points_suffice_for_a_payment_up_to_an_hour_late(track: list[TrackPoint], late_s: int) -> None:
    assume(track)
    newest_ms = max(one.at_ms for one in track)
    at_ms = newest_ms - 1000 * late_s
    assert select_evidence(points_to_keep(track, newest_ms, ()), at_ms) == select_evidence(track, at_ms)


@given(TRACKS, st.lists(st.integers(-100_000, 9_000), max_size=3), st.integers(0, 39))
def test_kept_points_suffice_for_open_payments_after_later_fixes(
    track: list[TrackPoint], open_s: list[int], cut: int
) -> None:
    open_ms = [NOON_MS + 1000 * second for second in open_s]
    held: list[TrackPoint] = []
    for part in (track[:cut], track[cut:]):
        newest_ms = max((one.at_ms for one in [*held, *part]), default=NOON_MS)
        held = points_to_keep([*held, *part], newest_ms, open_ms)
    for at_ms in open_ms:
        assert select_evidence(held, at_ms)._replace(stale=False) == select_evidence(track, at_ms)._replace(stale=False)


@given(TRACKS)
def test_downsampling_is_idempotent(track: list[TrackPoint]) -> None:
    once = points_to_keep(track, NOON_MS, ())
    assert points_to_keep(once, NOON_MS, ()) == once


@given(TRACKS)
def test_a_segment_summary_keeps_the_first_and_the_last_point(track: list[TrackPoint]) -> None:
    seconds = best_per_second([one for one in track if not one.mock])
    short = summarise_segment(seconds)
    assert set(short) <= set(seconds)
    assert short[:1] == seconds[:1]
    assert short[-1:] == seconds[-1:]


@given(TRACKS, LOCATIONS, st.sampled_from([DEFAULT, PAPER]))
def test_every_payment_gets_an_outcome_with_reason_codes(
    track: list[TrackPoint], at: PaymentLocation, preset: RuleParameters
) -> None:
    finding = decide(at, FullTrack(track), preset)
    assert finding.codes
    unreachable = {ReasonCode.UNREACHABLE_BEFORE, ReasonCode.UNREACHABLE_AFTER}
    assert (finding.outcome is Outcome.SUSPECT) == bool(unreachable.intersection(finding.codes))
    assert (finding.outcome is Outcome.CLEAR) == (finding.codes == (ReasonCode.REACHABLE,))


@settings(suppress_health_check=[HealthCheck.filter_too_much])  # few random tracks are consistent
@given(st.lists(points(), min_size=1, max_size=12), LOCATIONS, st.integers(0, 11), st.sampled_from([2.0, 20.0, 500.0]))
def test_a_vaguer_fix_never_raises_suspicion(
    track: list[TrackPoint], at: PaymentLocation, which: int, factor: float
) -> None:
    """Only tracks count whose points all pass the outlier filter before and after the change.

    The accuracy of a point may change which other points are consistent with it.
    """
    ordered = consistent_points(sorted((one for one in track if not one.mock), key=lambda one: one.at_ms), DEFAULT)
    assume(ordered)
    chosen = ordered[which % len(ordered)]
    vaguer = chosen._replace(accuracy=(chosen.accuracy_m or DEFAULT.unknown_accuracy_m) * factor)
    changed = [vaguer if one is chosen else one for one in ordered]
    assume(len({one.at_ms // 3_600_000 for one in ordered}) == len(ordered))  # so that each bucket has one point
    assume(consistent_points(changed, DEFAULT) == changed)
    if decide(at, FullTrack(ordered), DEFAULT).outcome is not Outcome.SUSPECT:
        assert decide(at, FullTrack(changed), DEFAULT).outcome is not Outcome.SUSPECT


@given(TRACKS, LOCATIONS, st.sampled_from([0.0, 10.0, 60.0]))
def test_a_more_generous_clock_never_raises_suspicion(
    track: list[TrackPoint], at: PaymentLocation, more_s: float
) -> None:
    generous = replace(DEFAULT, clock_uncertainty_s=DEFAULT.clock_uncertainty_s + more_s)
    if decide(at, FullTrack(track), generous).outcome is Outcome.SUSPECT:
        assert decide(at, FullTrack(track), DEFAULT).outcome is Outcome.SUSPECT


INTERVALS = st.lists(
    st.tuples(st.integers(-5, 25), st.integers(1, 12)).map(lambda span: Interval(span[0], sum(span))), max_size=8
)


@given(INTERVALS, st.integers(0, 20), st.integers(0, 10))
def test_intervals_cover_a_window_if_they_contain_each_of_its_moments(
    intervals: list[Interval], first: int, length: int
) -> None:
    """Half units stand for all moments between whole numbers."""
    moments = [first + half / 2 for half in range(4 * length + 1)]
    inside = all(any(one.after_us < moment < one.before_us for one in intervals) for moment in moments)
    assert covers(intervals, Interval(first, first + 2 * length)) == inside


@given(st.lists(points(), max_size=25))
def test_the_outlier_filter_keeps_points_in_their_order(track: list[TrackPoint]) -> None:
    ordered = best_per_second([one for one in track if not one.mock])
    kept = consistent_points(ordered, DEFAULT)
    assert kept == [one for one in ordered if one in kept]
    assert bool(kept) == bool(ordered)
