"""Selection: the points that a verdict uses and the state keeps."""

import pytest

from agents.rules.evidence.full_track import FullTrack
from agents.rules.evidence.point_codec import TrackPoint
from agents.rules.evidence.selection import (
    NearbyPoints,
    last_before,
    one_per_instant,
    points_near,
    points_to_keep,
    select_evidence,
    summarise_segment,
)
from agents.rules.state_limits import STATE_LIMITS
from tests.support.make import NOON_MS
from tests.support.phone import point, resting

EVIDENCE_S, STALE_S = STATE_LIMITS.evidence_s, STATE_LIMITS.stale_s
RESUMED_AFTER_S, FOLLOW_UP_S = STATE_LIMITS.resumed_after_s, STATE_LIMITS.follow_up_s
VAGUE_M, EXACT_M = 50.0, 4.0


def seconds_of(points: list[TrackPoint]) -> list[float]:
    return [(one.at_ms - NOON_MS) / 1000 for one in points]


def evidence_at(*points: TrackPoint) -> list[float]:
    found = select_evidence(points, NOON_MS)
    assert FullTrack(points).evidence(NOON_MS) == found
    return seconds_of(found.points)


# evidence


def test_the_points_next_to_a_payment_are_evidence_beside_better_ones() -> None:
    assert evidence_at(
        point(-3_300, accuracy_m=EXACT_M),
        point(-3_200),
        point(-3_010, accuracy_m=VAGUE_M),
        point(3_010, accuracy_m=VAGUE_M),
        point(3_200),
        point(3_300, accuracy_m=EXACT_M),
    ) == [-3_300, -3_010, 3_010, 3_300]


def test_evidence_covers_ten_hours_before_and_after() -> None:
    assert evidence_at(point(-EVIDENCE_S)) == [-EVIDENCE_S]
    assert evidence_at(point(-EVIDENCE_S - 0.001)) == []
    assert evidence_at(point(EVIDENCE_S)) == [EVIDENCE_S]
    assert evidence_at(point(EVIDENCE_S + 3_600)) == []


@pytest.mark.parametrize(
    ("seconds", "stale"), [(0, False), (EVIDENCE_S, False), (EVIDENCE_S + 1, True), (STALE_S, True)]
)
def test_a_point_is_stale_for_ten_hours_after_it_leaves_the_evidence(seconds: int, stale: bool) -> None:
    assert select_evidence([point(-seconds)], NOON_MS).stale is stale
    assert not select_evidence([point(-STALE_S - 0.001)], NOON_MS).stale
    assert not select_evidence([], NOON_MS).stale


def test_points_outside_the_evidence_are_left_out() -> None:
    assert evidence_at(point(-EVIDENCE_S - 1), point(-EVIDENCE_S), point(-3)) == [-EVIDENCE_S, -3]
    resumed_s = RESUMED_AFTER_S + 0.001
    last_s = resumed_s + FOLLOW_UP_S
    assert evidence_at(point(0), point(resumed_s), point(last_s)) == [0, resumed_s, last_s]
    assert evidence_at(point(0), point(resumed_s), point(last_s + 0.001)) == [0, resumed_s]
    assert evidence_at(point(0), point(resumed_s), point(last_s), point(1_100)) == [0, resumed_s, last_s]


def test_the_evidence_ends_to_the_millisecond_within_a_bucket() -> None:
    points = [point(1_800 - EVIDENCE_S - 60, accuracy_m=EXACT_M), point(1_800 - EVIDENCE_S, accuracy_m=VAGUE_M)]
    assert seconds_of(select_evidence(points, NOON_MS + 1_800_000).points) == [1_800 - EVIDENCE_S]


def test_a_phone_resumes_after_a_minute_and_is_followed_for_15_minutes() -> None:
    resumed_s = RESUMED_AFTER_S + 1
    last_s = resumed_s + FOLLOW_UP_S
    points = [
        point(0),
        point(RESUMED_AFTER_S),
        point(resumed_s),
        point(resumed_s + 420),
        point(last_s),
        point(last_s + 1),
    ]
    found = select_evidence(points, NOON_MS)
    assert found.resumed_ms == NOON_MS + 1000 * resumed_s
    assert seconds_of(found.points)[-1] == last_s
    assert seconds_of(found.points)[:3] == [0, RESUMED_AFTER_S, resumed_s]
    assert found.complete_at_ms == NOON_MS + 1000 * (resumed_s + FOLLOW_UP_S + 3_600 + 3_600)


def test_evidence_is_incomplete_until_the_phone_resumes() -> None:
    found = select_evidence([point(-5), point(RESUMED_AFTER_S)], NOON_MS)
    assert (found.resumed_ms, found.complete_at_ms) == (None, None)


def test_nearby_points_are_the_last_the_next_and_the_resuming_one() -> None:
    points = [point(-9), point(-3), point(0), point(4), point(60), point(61), point(90)]
    assert points_near(points, NOON_MS) == NearbyPoints(point(0), point(4), point(61))
    assert points_near(points, NOON_MS + 0.5) == NearbyPoints(point(0), point(4), point(61))
    assert points_near(points[:3], NOON_MS) == NearbyPoints(point(0), None, None)
    assert points_near(points[3:], NOON_MS) == NearbyPoints(None, point(4), point(61))
    assert points_near([point(61)], NOON_MS) == NearbyPoints(None, point(61), point(61))
    assert points_near([], NOON_MS) == NearbyPoints(None, None, None)


def test_nearby_points_exclude_points_that_are_no_evidence() -> None:
    assert points_near([point(-STALE_S), point(EVIDENCE_S)], NOON_MS).points == [
        point(-STALE_S),
        point(EVIDENCE_S),
        point(EVIDENCE_S),
    ]
    assert points_near([point(-STALE_S - 0.001), point(EVIDENCE_S + 0.001)], NOON_MS).points == []


@pytest.mark.parametrize("at_s", [0.0, 0.001, 29.5, 301.0, 3_599.999])
def test_a_full_track_finds_the_same_evidence_as_a_scan(at_s: float) -> None:
    points = [point(second, accuracy_m=4.0 + second % 11) for second in range(-40_000, 40_000, 31)]
    points += [point(second, accuracy_m=4.0 + second % 7) for second in range(-1_300, 1_300, 3)]
    full_track, moment_ms = FullTrack(points), NOON_MS + 1000 * at_s
    assert full_track.evidence(moment_ms) == select_evidence(points, moment_ms)
    assert not full_track.dropped_before(moment_ms)


# points to keep


def test_the_points_next_to_an_open_payment_are_kept() -> None:
    points = [*resting(-90_000, -86_400, 30), point(0)]
    kept = points_to_keep(points, NOON_MS, [NOON_MS - 88_215_000])
    assert {-88_230, -88_200} <= set(seconds_of(kept))
    assert kept == sorted(kept, key=lambda one: one.at_ms)
    assert seconds_of(points_to_keep(points, NOON_MS, [])) == [0]


def test_a_summary_has_the_edges_and_the_best_of_each_minute() -> None:
    minute = [
        point(0, mock=True),
        point(5, accuracy_m=VAGUE_M),
        point(7, accuracy_m=VAGUE_M),
        point(10, accuracy_m=EXACT_M),
        point(15, accuracy_m=VAGUE_M),
        point(20, accuracy_m=VAGUE_M),
        point(25, mock=True),
    ]
    assert seconds_of(summarise_segment(minute)) == [5, 10, 20]
    assert seconds_of(summarise_segment([minute[0], minute[-1]])) == [0, 25]
    assert seconds_of(summarise_segment([*minute, point(59), point(60), point(61)])) == [5, 10, 60, 61]
    assert summarise_segment([]) == []


def test_one_instant_keeps_its_best_point() -> None:
    vague, exact = point(1, accuracy_m=VAGUE_M), point(1, accuracy_m=EXACT_M)
    for points in ([vague, exact, point(0)], [point(0), exact, vague]):
        assert one_per_instant(points) == [point(0), exact]


def test_the_last_point_is_at_or_before_the_moment_or_the_first() -> None:
    moments = [point(0), point(1), point(2)]
    assert last_before(moments, NOON_MS * 1000 + 1_000_000) == point(1)
    assert last_before(moments, NOON_MS * 1000 + 999_999) == point(0)
    assert last_before(moments, NOON_MS * 1000 - 1) == point(0)
    assert last_before([], NOON_MS * 1000) is None
