"""Reachability: the intervals in which a location is ruled out."""

import pytest

from agents.rules.decision.kinematics import reach_m
from agents.rules.decision.payment_location import PaymentLocation
from agents.rules.decision.reachability import (
    Constraint,
    Interval,
    constraints,
    covers,
    impossible,
    minimum_distance_m,
    missing_time_s,
    not_obviously_reachable,
    reachable_at_stated_time,
)
from agents.rules.evidence.point_codec import TrackPoint
from agents.rules.geo import degrees_within
from agents.rules.parameters import DEFAULT, PAPER
from schemas.codes.reason import ReasonCode
from tests.support.make import HOME
from tests.support.phone import driving, judged, location, point, resting

PLACE_M = DEFAULT.place_uncertainty_m


def test_a_fix_within_the_granted_error_gives_no_constraint() -> None:
    assert list(constraints([point(0, 30)], location(), DEFAULT)) == []


def test_a_constraint_has_distance_accuracy_and_start_speed() -> None:
    (constraint,) = constraints([point(0, 5_000, accuracy_m=8.0, speed_mps=2.0)], location(), DEFAULT)
    assert constraint._replace(distance_m=0.0) == Constraint(location().at_us, 0.0, 8.0, 3.0)
    assert constraint.distance_m == pytest.approx(5_000, abs=0.1)


@pytest.mark.parametrize(
    ("apart_m", "accuracy_m", "minimum_m"),
    [
        (270.0, 5.0, 0.0),  # within three standard deviations of the location
        (300.0, 5.0, 129.9),  # further off the distance combines with the errors in quadrature
        (5_000.0, 5.0, 4_909.9),  # far off one standard deviation on a straight way grants more
        (2_720.0, 900.0, 188.4),
        (9_000.0, 900.0, 8_095.5),
    ],
)
def test_the_minimum_distance_is_the_smaller_of_two_bounds(apart_m: float, accuracy_m: float, minimum_m: float) -> None:
    assert minimum_distance_m(apart_m, accuracy_m, PLACE_M, DEFAULT) == pytest.approx(minimum_m, abs=0.5)


def test_the_published_rule_grants_no_error() -> None:
    assert minimum_distance_m(10.0, 5.0, 0.0, PAPER) == 10.0


@pytest.mark.parametrize(
    ("seconds", "metres", "checked"),
    [
        (0, 269, False),  # within three standard deviations of the location
        (0, 271, True),
        (-20, 609, False),  # 20 s of acceleration from the lowest start speed, and 90 m of place error
        (-20, 611, True),
        (20, 609, False),
        (20, 611, True),
    ],
)
def test_fixes_that_obviously_allow_the_stated_time_are_skipped(seconds: float, metres: float, checked: bool) -> None:
    fix = point(seconds, speed_mps=80.0)
    north = location()._replace(latitude=location().latitude + degrees_within(metres))
    assert list(not_obviously_reachable([fix], north, DEFAULT)) == ([fix] if checked else [])


@pytest.mark.parametrize(
    ("seconds", "metres", "missing_s"),
    [(0, 200, 0.0), (-10, 200, -10.0), (10, 200, -10.0), (-10, 5_000, 51.9), (-100, 5_000, -38.1)],
)
def test_missing_time_is_travel_time_minus_elapsed_time(seconds: float, metres: float, missing_s: float) -> None:
    (constraint,) = constraints([point(seconds, metres, speed_mps=1.0)], location(), DEFAULT)
    assert missing_time_s(constraint, location(), DEFAULT) == pytest.approx(missing_s, abs=0.1)


@pytest.mark.parametrize(("seconds", "is_open"), [(-62.5, True), (-61.5, False), (61.5, False), (62.5, True)])
def test_the_stated_time_is_reachable_while_no_time_is_missing(seconds: float, is_open: bool) -> None:
    """The travel takes 61.9 s."""
    assert reachable_at_stated_time([point(seconds, 5_000, speed_mps=1.0)], location(), DEFAULT) == is_open


@pytest.mark.parametrize(
    ("metres", "seconds", "ruled_out"),
    [(260, 0, False), (290, 0, True), (5_000, -600, False), (5_000, -10, True), (900_000, -600, True)],
)
def test_one_fix_rules_out_a_location_for_the_travel_time(metres: float, seconds: float, ruled_out: bool) -> None:
    around = resting(-45, 45) if seconds == 0 else [point(seconds)]
    assert impossible(list(constraints(around, location(metres), DEFAULT)), location(metres), DEFAULT) == ruled_out


def test_clock_error_and_place_error_are_not_both_granted_in_full() -> None:
    track = driving(-120, 120, 20)

    def passes(metres_along: float, metres_off: float) -> bool:
        at = location(metres_along)._replace(latitude=location().latitude + metres_off / 111_195)
        return not impossible(list(constraints(track, at, DEFAULT)), at, DEFAULT)

    assert passes(20 * 20, 30)  # a terminal 20 s off
    assert passes(0, 250)  # a shop 250 m off
    assert passes(20 * 15, 230)  # some of both
    assert not passes(20 * 28, 250)  # all of both


def test_overlapping_intervals_cover_the_window() -> None:
    assert covers([Interval(-1, 6), Interval(5, 11)], Interval(0, 10))
    assert covers([Interval(5, 11), Interval(-1, 6)], Interval(0, 10))


def test_a_moment_between_touching_intervals_is_not_covered() -> None:
    assert not covers([Interval(-1, 5), Interval(5, 11)], Interval(0, 10))


def test_both_ends_of_a_window_must_be_covered() -> None:
    assert not covers([Interval(0, 11)], Interval(0, 10))
    assert not covers([Interval(-1, 10)], Interval(0, 10))


def test_no_interval_covers_no_window() -> None:
    assert not covers([], Interval(0, 10))


def test_a_window_can_be_one_moment() -> None:
    assert covers([Interval(4, 6)], Interval(5, 5))
    assert not covers([Interval(5, 6)], Interval(5, 5))


# boundaries


def test_clock_offsets_ascend_from_the_stated_time_to_the_largest_clock_error() -> None:
    offsets = DEFAULT.clock_offsets
    assert (offsets[0], offsets[-1]) == (0.0, 1.0)
    assert list(offsets) == sorted(set(offsets))
    assert DEFAULT.place_error_shares == pytest.approx([(1 - inner**4) ** 0.5 for inner in offsets[:-1]])


TOGETHER: list[tuple[str, list[TrackPoint], bool]] = [
    ("a travel of 75 s, only a minute before", [point(-60, 7_200)], False),
    ("a travel of 75 s, only a minute after", [point(60, 7_200)], False),
    ("a travel of 75 s, a minute before and a minute after", [point(-60, 7_200), point(60, 7_200)], True),
    ("a travel of 55 s, a minute before and a minute after", [point(-60, 4_000), point(60, 4_000)], False),
    ("a travel of 40 s from a fix at the stated time", [point(0, 2_200)], True),
]


@pytest.mark.parametrize(("points", "ruled_out"), [row[1:] for row in TOGETHER], ids=[row[0] for row in TOGETHER])
def test_fixes_on_both_sides_together_rule_out_more_than_each_alone(points: list[TrackPoint], ruled_out: bool) -> None:
    assert impossible(list(constraints(points, location(), DEFAULT)), location(), DEFAULT) is ruled_out


def test_a_location_that_only_both_sides_rule_out_gets_both_codes() -> None:
    finding = judged([point(-60, 7_200), point(60, 7_200)], location())
    assert finding.codes == (ReasonCode.UNREACHABLE_BEFORE, ReasonCode.UNREACHABLE_AFTER)
    assert finding.before == point(-60, 7_200)
    assert finding.after == point(60, 7_200)


@pytest.mark.parametrize(("after_s", "ruled_out"), [(94, True), (95.9, True), (96, False), (97, False)])
def test_the_intervals_of_two_fixes_must_overlap_between_clock_offsets(after_s: float, ruled_out: bool) -> None:
    """Only clock error is granted. A travel of 78 s that starts a minute before the payment ends 18 s after it."""
    apart_m = reach_m(1.0, 78, DEFAULT)
    both = [Constraint(-60_000_000, apart_m, 0.0, 1.0), Constraint(round(after_s * 1e6), apart_m, 0.0, 1.0)]
    assert impossible(both, PaymentLocation(*HOME, 0.0, 0), DEFAULT) is ruled_out


def test_a_fix_within_the_place_error_at_the_largest_offset_is_skipped() -> None:
    assert list(constraints([point(0, 150)], location(), DEFAULT))
    assert not list(constraints([point(0, 115)], location(), DEFAULT))


@pytest.mark.parametrize("off_s", [-31.5, -28.8, 0.0, 28.8, 31.5])
def test_a_terminal_clock_can_be_off_by_30_seconds_either_way(off_s: float) -> None:
    """The phone passes an exactly known location at 50 m/s, so it was there for one second."""
    track_by = driving(-120, 120, 50)
    at = location(50 * off_s, 0, uncertainty_m=0.0)
    assert impossible(list(constraints(track_by, at, DEFAULT)), at, DEFAULT) is (abs(off_s) > 30)


@pytest.mark.parametrize("seconds", [-10, 10])
def test_a_location_reached_at_the_last_moment_is_not_ruled_out(seconds: int) -> None:
    """Ten metres at one metre per second without any error: ten seconds are enough, and less is not."""
    at = PaymentLocation(*HOME, None, 0)
    assert not impossible([Constraint(seconds * 1_000_000, 10.0, 5.0, 1.0)], at, PAPER)
    assert impossible([Constraint(seconds * 999_999, 10.0, 5.0, 1.0)], at, PAPER)
