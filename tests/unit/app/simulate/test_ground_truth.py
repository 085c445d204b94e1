"""Ground truth: its tolerances, to the metre and the second."""

import pytest

from app.simulate.ground_truth import NearbyFix, is_possible
from app.simulate.place import Place, moved

HERE = Place(40.0, -75.0)
AT_S = 1_800_000_000.0


def fix(seconds: float, metres_east: float = 0.0, *, sigma_m: float = 0.0, speed_mps: float = 0.0) -> NearbyFix:
    return NearbyFix(AT_S + seconds, moved(HERE, metres_east, 90), sigma_m, speed_mps)


def can_be(metres_east: float, *fixes: NearbyFix, seconds: float = 0.0) -> bool:
    return is_possible(moved(HERE, metres_east, 90), AT_S + seconds, fixes)


def resting(first_s: int, last_s: int, **others: float) -> list[NearbyFix]:
    return [fix(second, **others) for second in range(first_s, last_s + 1)]


def test_everything_is_possible_without_fixes() -> None:
    assert can_be(800_000)


@pytest.mark.parametrize(("metres", "is_possible"), [(99, True), (102, False)])
def test_a_place_has_a_tolerance_of_100_metres(metres: float, is_possible: bool) -> None:
    assert can_be(metres, *resting(-60, 60)) is is_possible


@pytest.mark.parametrize(("metres", "is_possible"), [(699, True), (702, False)])
def test_a_fix_has_a_tolerance_of_three_sigmas(metres: float, is_possible: bool) -> None:
    assert can_be(metres, *resting(-60, 60, sigma_m=200.0)) is is_possible


@pytest.mark.parametrize(("seconds", "is_possible"), [(-46, False), (-44, True), (44, True), (46, False)])
def test_a_clock_has_a_tolerance_of_45_seconds(seconds: float, is_possible: bool) -> None:
    """The phone passes the place at 200 m/s: a second later it is out of reach."""
    passing = [fix(second, 200.0 * second, speed_mps=200.0) for second in range(-120, 121)]
    assert can_be(0, *passing, seconds=seconds) is is_possible


@pytest.mark.parametrize(("metres", "is_possible"), [(5_150, True), (5_250, False)])
def test_a_traveller_accelerates_by_2_5_metres_per_second_squared(metres: float, is_possible: bool) -> None:
    """From rest, 19 s before the payment, plus 45 s for the clock: 64 s, 5,120 m, plus 100 m for the place."""
    assert can_be(metres + 70, fix(-19)) is is_possible


@pytest.mark.parametrize(("metres", "is_possible"), [(4_940, True), (5_000, False)])
def test_a_traveller_starts_at_the_reported_speed(metres: float, is_possible: bool) -> None:
    """At 50 m/s, 45 s: 2,250 m and 2,531 m, plus 100 m for the place."""
    assert can_be(metres - 70, fix(0, speed_mps=50.0)) is is_possible


@pytest.mark.parametrize(("metres", "is_possible"), [(995_000, True), (997_000, False)])
def test_a_traveller_is_at_most_278_metres_per_second_fast(metres: float, is_possible: bool) -> None:
    """At full speed for 3,540 s, plus 45 s for the clock: 996,630 m, plus 100 m for the place."""
    assert can_be(metres, fix(-3_540, speed_mps=400.0)) is is_possible


@pytest.mark.parametrize(("metres", "is_possible"), [(4_550, True), (4_650, False)])
def test_a_place_must_be_reached_and_left_in_time(metres: float, is_possible: bool) -> None:
    """Two minutes between two fixes at one place: a minute there and a minute back, 4,500 m each way."""
    assert can_be(metres, fix(-60), fix(60)) is is_possible


def test_two_distant_fixes_leave_no_time_for_a_detour() -> None:
    on_the_way, beside_it = moved(HERE, 20_000, 90), moved(moved(HERE, 20_000, 90), 20_000, 0)
    track = [fix(-130, 0), fix(130, 40_000)]
    assert is_possible(on_the_way, AT_S, track)
    assert not is_possible(beside_it, AT_S, track)


def test_vague_fixes_do_not_hide_an_exact_one_behind_them() -> None:
    vague = [fix(second, sigma_m=5_000.0) for second in range(-5, 6)]
    assert can_be(14_000, *vague)
    assert not can_be(14_000, fix(-20), *vague, fix(20))
