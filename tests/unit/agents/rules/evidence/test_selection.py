"""Selection: the points that a verdict uses and the state keeps."""

from math import inf

import pytest

from agents.rules.evidence.downsampling import (
    Range,
    Tier,
    best_per_range,
    best_per_second,
    edges_and_best,
    ranges_around,
    rank,
    without_mock,
)
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


def looked_at(*points: TrackPoint) -> list[float]:
    found = select_evidence(points, NOON_MS)
    assert FullTrack(points).evidence(NOON_MS) == found
    return seconds_of(found.points)


# -- buckets


def test_a_range_consists_of_whole_wider_buckets() -> None:
    tiers = (Tier(60, 1), Tier(180, 10), Tier(900, 60))
    assert ranges_around(NOON_MS, tiers) == [
        Range(NOON_MS - 70_000, NOON_MS + 70_000, 1_000),
        Range(NOON_MS - 240_000, NOON_MS + 240_000, 10_000),
        Range(NOON_MS - 960_000, NOON_MS + 960_000, 60_000),
    ]
    assert ranges_around(NOON_MS + 1, tiers[:2]) == [
        Range(NOON_MS - 60_000, NOON_MS + 70_000, 1_000),
        Range(NOON_MS - 180_000, NOON_MS + 190_000, 10_000),
    ]


def test_the_best_point_of_each_second_is_kept() -> None:
    vague, exact, later = point(0.2, accuracy_m=VAGUE_M), point(0.5), point(1)
    assert list(best_per_second([vague, exact, later])) == [exact, later]
    assert list(best_per_second([later, exact, vague])) == [exact, later]
    assert list(best_per_second([exact, later])) == [exact, later]
    assert list(best_per_second([])) == []


def test_seconds_are_aligned_with_the_clock() -> None:
    for second in range(0, 2_000, 97):
        assert list(best_per_second([point(second), point(second + 0.999)])) == [point(second)]
        apart = [point(second + 0.998), point(second + 0.999), point(second + 1)]
        assert list(best_per_second(apart)) == [apart[0], apart[2]]


BETTER_FIRST = [
    ("exact before vague", point(5, accuracy_m=EXACT_M), point(0, accuracy_m=VAGUE_M)),
    ("honest before made up", point(5, accuracy_m=VAGUE_M), point(0, accuracy_m=EXACT_M, mock=True)),
    ("any accuracy before none", point(5, accuracy_m=9_000.0), point(0, accuracy_m=None)),
    ("early before late", point(0), point(5)),
    ("then by latitude", point(0)._replace(latitude_e7=1), point(0)._replace(latitude_e7=2)),
    ("then by longitude", point(0)._replace(longitude_e7=1), point(0)._replace(longitude_e7=2)),
    ("then by speed", point(0, speed_mps=1.0), point(0, speed_mps=2.0)),
]


@pytest.mark.parametrize(("better", "worse"), [row[1:] for row in BETTER_FIRST], ids=[row[0] for row in BETTER_FIRST])
def test_points_have_a_total_rank(better: TrackPoint, worse: TrackPoint) -> None:
    assert rank(better) < rank(worse)


def test_each_bucket_is_represented_by_its_best_point() -> None:
    points = [
        point(-25),
        point(-21, accuracy_m=EXACT_M),
        point(-12),
        point(-2),
        point(-1),
        point(7),
        point(11),
        point(12),
    ]
    ranges = [Range(NOON_MS - 10_000, NOON_MS + 10_000, 1_000), Range(NOON_MS - 20_000, NOON_MS + 20_000, 10_000)]
    assert seconds_of(best_per_range(points, ranges)) == [-12, -2, -1, 7, 11]
    wide = [*ranges, Range(NOON_MS - 60_000, NOON_MS + 60_000, 60_000)]
    assert seconds_of(best_per_range(points, wide)) == [-21, -12, -2, -1, 7, 11]


def test_a_bucket_keeps_first_best_and_last_and_mock_points_only_alone() -> None:
    mocks = [point(second, accuracy_m=EXACT_M, mock=True) for second in (0, 9)]
    points = [mocks[0], point(1), point(2, accuracy_m=EXACT_M), point(3), point(8), mocks[1], point(10, mock=True)]
    ranges = [Range(NOON_MS, NOON_MS + 20_000, 10_000)]
    assert seconds_of(list(edges_and_best(points, ranges))) == [1, 2, 8, 10, 10, 10]
    assert without_mock(points) == [point(1), point(2, accuracy_m=EXACT_M), point(3), point(8)]


# -- evidence


def test_the_points_next_to_a_payment_are_evidence_beside_better_ones() -> None:
    assert looked_at(
        point(-3_300, accuracy_m=EXACT_M),
        point(-3_200),
        point(-3_010, accuracy_m=VAGUE_M),
        point(3_010, accuracy_m=VAGUE_M),
        point(3_200),
        point(3_300, accuracy_m=EXACT_M),
    ) == [-3_300, -3_010, 3_010, 3_300]


def test_evidence_covers_ten_hours_before_and_after() -> None:
    assert looked_at(point(-EVIDENCE_S)) == [-EVIDENCE_S]
    assert looked_at(point(-EVIDENCE_S - 0.001)) == []
    assert looked_at(point(EVIDENCE_S)) == [EVIDENCE_S]
    assert looked_at(point(EVIDENCE_S + 3_600)) == []


@pytest.mark.parametrize(
    ("seconds", "stale"), [(0, False), (EVIDENCE_S, False), (EVIDENCE_S + 1, True), (STALE_S, True)]
)
def test_a_point_is_stale_for_ten_hours_after_it_leaves_the_evidence(seconds: int, stale: bool) -> None:
    assert select_evidence([point(-seconds)], NOON_MS).stale is stale
    assert not select_evidence([point(-STALE_S - 0.001)], NOON_MS).stale
    assert not select_evidence([], NOON_MS).stale


def test_points_outside_the_evidence_are_left_out() -> None:
    assert looked_at(point(-EVIDENCE_S - 1), point(-EVIDENCE_S), point(-3)) == [-EVIDENCE_S, -3]
    resumed_s = RESUMED_AFTER_S + 0.001
    last_s = resumed_s + FOLLOW_UP_S
    assert looked_at(point(0), point(resumed_s), point(last_s)) == [0, resumed_s, last_s]
    assert looked_at(point(0), point(resumed_s), point(last_s + 0.001)) == [0, resumed_s]
    assert looked_at(point(0), point(resumed_s), point(last_s), point(1_100)) == [0, resumed_s, last_s]


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
    archive, moment_ms = FullTrack(points), NOON_MS + 1000 * at_s
    assert archive.evidence(moment_ms) == select_evidence(points, moment_ms)
    assert not archive.dropped_before(moment_ms)


# -- keeping


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


def test_a_range_without_an_end_includes_all_later_points() -> None:
    assert seconds_of(best_per_range([point(0), point(1)], [Range(NOON_MS + 1, inf, 1_000)])) == [1]


@pytest.mark.parametrize(
    ("points", "best_s"),
    [
        ([point(1, accuracy_m=VAGUE_M), point(2, accuracy_m=EXACT_M, mock=True)], 1),
        ([point(1, accuracy_m=EXACT_M, mock=True), point(2, accuracy_m=VAGUE_M)], 2),
        ([point(1, accuracy_m=VAGUE_M), point(2, accuracy_m=EXACT_M)], 2),
        ([point(1, accuracy_m=EXACT_M), point(2, accuracy_m=EXACT_M)], 1),
    ],
)
def test_the_best_of_a_wide_bucket_follows_the_rank(points: list[TrackPoint], best_s: int) -> None:
    assert seconds_of(best_per_range(points, [Range(NOON_MS, inf, 60_000)])) == [best_s]
