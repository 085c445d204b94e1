"""Downsampling: buckets of time and the points that represent them."""

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
from agents.rules.evidence.point_codec import TrackPoint
from tests.support.make import NOON_MS
from tests.support.phone import point

VAGUE_M, EXACT_M = 50.0, 4.0


def seconds_of(points: list[TrackPoint]) -> list[float]:
    return [(one.at_ms - NOON_MS) / 1000 for one in points]


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
    ("honest before mock", point(5, accuracy_m=VAGUE_M), point(0, accuracy_m=EXACT_M, mock=True)),
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
