"""Outlier filter: which points stay, to the metre."""

import pytest

from agents.rules.evidence.outlier_filter import consistent_points
from agents.rules.evidence.point_codec import TrackPoint
from agents.rules.parameters import DEFAULT
from tests.support.make import HOME, NOON_MS
from tests.support.phone import point, resting, track_point

T1, T2, T3 = -600, 0, 600


def are_both_kept(a: TrackPoint, b: TrackPoint) -> bool:
    return consistent_points([a, b], DEFAULT) == [a, b]


@pytest.mark.parametrize(
    ("metres_east", "is_kept"),
    [
        ((0, 40_000, 0), True),  # a detour of 80 km, and 84 km are granted in twenty minutes
        ((0, 42_015, 0), True),  # twice 21 m for the errors
        ((0, 42_030, 0), False),
        ((0, 43_000, 0), False),
        ((0, 60_000, 120_000), True),  # faster, but no detour
        ((0, 60_000, 40_000), True),
        ((0, 70_000, 40_000), True),
        ((0, 85_000, 40_000), False),
    ],
)
def test_a_point_that_needs_a_faster_detour_than_a_drive_is_rejected(
    metres_east: tuple[int, int, int], is_kept: bool
) -> None:
    a, b, c = (point(second, metres) for second, metres in zip((T1, T2, T3), metres_east, strict=True))
    assert consistent_points([a, b, c], DEFAULT) == ([a, b, c] if is_kept else [a, c])


def test_a_detour_is_granted_the_errors_of_its_points_both_ways() -> None:
    """Errors of three times 400 m both ways are 2.4 km. Without them the detour is 2 km too long."""
    a, c = point(T1), point(T3)
    assert consistent_points([a, point(T2, 43_000, accuracy_m=400.0), c], DEFAULT) != [a, c]
    assert consistent_points([a, point(T2, 43_000, accuracy_m=200.0), c], DEFAULT) == [a, c]


def test_the_ends_of_a_track_are_no_detours() -> None:
    track = [point(T1, 40_000), point(T2), point(T3, 80_000)]
    assert consistent_points(track, DEFAULT) == track


@pytest.mark.parametrize(("metres", "agree"), [(12_615, True), (12_630, False)])
def test_two_points_agree_when_each_is_reachable_from_the_other(metres: float, agree: bool) -> None:
    """Within 100 s from rest: 100 m plus 12,500 m, and 21 m for the errors of both."""
    assert are_both_kept(point(0), point(100, metres)) is agree
    assert are_both_kept(point(0, metres), point(100)) is agree


def test_the_errors_of_two_points_can_explain_their_distance() -> None:
    assert are_both_kept(point(0, accuracy_m=90.0), point(1, 381, accuracy_m=90.0))  # 3 x 127 m, and 2 m of travel
    assert not are_both_kept(point(0, accuracy_m=90.0), point(1, 390, accuracy_m=90.0))


def test_a_point_must_be_reachable_forwards_and_backwards() -> None:
    """Two kilometres in 10 s are possible at 250 m/s, but not to or from rest."""
    fast, still = point(0, speed_mps=250.0), point(10, 2_000)
    assert consistent_points([fast, still], DEFAULT) == [still]
    still, fast = point(0), point(10, 2_000, speed_mps=250.0)
    assert consistent_points([still, fast], DEFAULT) == [fast]
    assert are_both_kept(point(0, speed_mps=250.0), point(10, 2_000, speed_mps=250.0))


@pytest.mark.parametrize(("north", "east"), [(0.5, 0.0), (-0.5, 0.0), (0.0, 0.5), (0.0, -0.5)])
def test_a_jump_is_detected_in_every_direction(north: float, east: float) -> None:
    aside = track_point(NOON_MS + 1000, HOME[0] + north, HOME[1] + east)
    assert not are_both_kept(point(0), aside)
    track = [*resting(-5, 0), aside, *resting(2, 5)]
    assert consistent_points(track, DEFAULT) == [*resting(-5, 0), *resting(2, 5)]


def test_jitter_stays_beside_an_outlier() -> None:
    """50 m in a second are no more than a drive, although nobody accelerates that fast from rest."""
    track = [point(0), point(1, 50), point(2), point(4)]
    assert consistent_points([*track[:3], point(3, 40_000), track[3]], DEFAULT) == track


def test_the_later_one_of_two_equal_runs_is_kept() -> None:
    first, second = [point(0), point(1)], [point(2, 90_000), point(3, 90_000)]
    assert consistent_points([*first, *second], DEFAULT) == second


def test_the_longest_run_is_kept_although_another_ends_later() -> None:
    track = [*resting(0, 4), point(5, 90_000), point(6, 90_000)]
    assert consistent_points(track, DEFAULT) == resting(0, 4)


def test_the_longest_run_passes_over_an_outlier_that_would_also_agree() -> None:
    """The last point is reachable from the outlier before it as well, but that run would be shorter."""
    run = [point(0), point(1), point(2), point(2_000, 45_000)]
    assert consistent_points([*run[:3], point(3, 90_000), run[3]], DEFAULT) == run


@pytest.mark.parametrize(
    ("wrong", "is_bridged"), [(DEFAULT.outliers_in_a_row_max - 1, True), (DEFAULT.outliers_in_a_row_max, False)]
)
def test_a_row_of_outliers_is_bridged_up_to_the_maximum(wrong: int, is_bridged: bool) -> None:
    """The outliers do not agree with each other either."""
    before, after = resting(-40, -1), resting(wrong, wrong + 1)
    track = [*before, *(point(second, 90_000 * (second + 1)) for second in range(wrong)), *after]
    assert consistent_points(track, DEFAULT) == ([*before, *after] if is_bridged else before)


def test_one_point_and_no_point_are_consistent() -> None:
    assert consistent_points([], DEFAULT) == []
    assert consistent_points([point(0)], DEFAULT) == [point(0)]
