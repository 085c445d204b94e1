"""Alibi, at the edges: where a change of one sign or number would show."""

import pytest

from agents.rules.decision.kinematics import reach_m
from agents.rules.decision.payment_location import PaymentLocation
from agents.rules.decision.reachability import CLOCK_OFFSETS, PLACE_ERROR_AT, Constraint, constraints, impossible
from agents.rules.evidence.point_codec import TrackPoint
from agents.rules.parameters import DEFAULT, PAPER
from schemas.codes.reason import ReasonCode
from tests.support.make import HOME
from tests.support.phone import driving, judged, point, spot


def test_rings_go_from_the_stated_moment_to_all_that_is_granted_the_clock() -> None:
    assert (CLOCK_OFFSETS[0], CLOCK_OFFSETS[-1]) == (0.0, 1.0)
    assert list(CLOCK_OFFSETS) == sorted(set(CLOCK_OFFSETS))
    assert pytest.approx([(1 - inner**4) ** 0.5 for inner in CLOCK_OFFSETS[:-1]]) == PLACE_ERROR_AT


TOGETHER: list[tuple[str, list[TrackPoint], bool]] = [
    ("a way of 75 s, only a minute before", [point(-60, 7_200)], False),
    ("a way of 75 s, only a minute after", [point(60, 7_200)], False),
    ("a way of 75 s, a minute before and a minute after", [point(-60, 7_200), point(60, 7_200)], True),
    ("a way of 55 s, a minute before and a minute after", [point(-60, 4_000), point(60, 4_000)], False),
    ("a way of 40 s from a fix at the very moment", [point(0, 2_200)], True),
]


@pytest.mark.parametrize(("points", "ruled_out"), [row[1:] for row in TOGETHER], ids=[row[0] for row in TOGETHER])
def test_fixes_on_both_sides_rule_out_together_what_neither_does_alone(
    points: list[TrackPoint], ruled_out: bool
) -> None:
    assert impossible(list(constraints(points, spot(), DEFAULT)), spot(), DEFAULT) is ruled_out


def test_a_place_that_only_both_sides_rule_out_has_both_codes() -> None:
    finding = judged([point(-60, 7_200), point(60, 7_200)], spot())
    assert finding.codes == (ReasonCode.UNREACHABLE_BEFORE, ReasonCode.UNREACHABLE_AFTER)
    assert finding.before == point(-60, 7_200)
    assert finding.after == point(60, 7_200)


@pytest.mark.parametrize(("after_s", "ruled_out"), [(94, True), (95.9, True), (96, False), (97, False)])
def test_within_a_ring_what_two_fixes_rule_out_must_meet(after_s: float, ruled_out: bool) -> None:
    """With nothing granted but the clock: a way of 78 s, a minute before, ends 18 s after the payment."""
    apart_m = reach_m(1.0, 78, DEFAULT)
    both = [Constraint(-60_000_000, apart_m, 0.0, 1.0), Constraint(round(after_s * 1e6), apart_m, 0.0, 1.0)]
    assert impossible(both, PaymentLocation(*HOME, 0.0, 0), DEFAULT) is ruled_out


def test_a_fix_beyond_what_is_granted_when_the_clock_is_off_most_speaks_and_a_nearer_one_does_not() -> None:
    assert list(constraints([point(0, 150)], spot(), DEFAULT))
    assert not list(constraints([point(0, 115)], spot(), DEFAULT))


@pytest.mark.parametrize("off_s", [-31.5, -28.8, 0.0, 28.8, 31.5])
def test_a_till_may_be_off_by_up_to_30_seconds_either_way(off_s: float) -> None:
    """The phone passes an exactly known place at 50 m/s: it was there for a second alone."""
    track_by = driving(-120, 120, 50)
    at = spot(50 * off_s, 0, uncertainty_m=0.0)
    assert impossible(list(constraints(track_by, at, DEFAULT)), at, DEFAULT) is (abs(off_s) > 30)


@pytest.mark.parametrize("seconds", [-10, 10])
def test_a_place_that_is_reached_at_the_last_moment_is_not_ruled_out(seconds: int) -> None:
    """Ten metres at a metre a second, with nothing granted: ten seconds are enough, and less are not."""
    at = PaymentLocation(*HOME, None, 0)
    assert not impossible([Constraint(seconds * 1_000_000, 10.0, 5.0, 1.0)], at, PAPER)
    assert impossible([Constraint(seconds * 999_999, 10.0, 5.0, 1.0)], at, PAPER)
