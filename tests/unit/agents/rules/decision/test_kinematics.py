"""Kinematics: how far a traveller gets, and how long a distance takes."""

import pytest

from agents.rules.decision.kinematics import reach_m, start_speed_mps, time_to_cover_s
from agents.rules.parameters import DEFAULT, PAPER, RuleParameters
from tests.support.phone import point


def test_no_time_means_no_distance() -> None:
    assert reach_m(10, 0, DEFAULT) == 0


def test_a_traveller_accelerates_to_the_top_speed_and_keeps_it() -> None:
    to_top_s = (DEFAULT.top_speed_mps - 3) / DEFAULT.gain_mps2
    at_top_m = reach_m(3, to_top_s, DEFAULT)
    assert at_top_m == pytest.approx((3 + DEFAULT.top_speed_mps) / 2 * to_top_s)
    assert reach_m(3, to_top_s + 10, DEFAULT) == pytest.approx(at_top_m + 10 * DEFAULT.top_speed_mps)


def test_the_published_rule_multiplies_speed_by_time() -> None:
    assert reach_m(1.5, 10, PAPER) == 15


@pytest.mark.parametrize("parameters", [DEFAULT, PAPER])
@pytest.mark.parametrize("distance_m", [0.0, 0.01, 1.0, 500.0, 15_000.0, 16_000.0, 5_000_000.0])
@pytest.mark.parametrize("start_mps", [1.0, 30.0, 278.0])
def test_time_to_cover_is_the_inverse_of_reach(parameters: RuleParameters, distance_m: float, start_mps: float) -> None:
    assert reach_m(start_mps, time_to_cover_s(distance_m, start_mps, parameters), parameters) == pytest.approx(
        distance_m
    )


def start_mps_of(
    speed_mps: float | None, accuracy_m: float | None = 5.0, parameters: RuleParameters = DEFAULT
) -> float:
    return start_speed_mps(point(0, speed_mps=speed_mps, accuracy_m=accuracy_m), parameters)


def test_a_reported_speed_gets_a_margin_and_an_unknown_speed_is_fast() -> None:
    assert start_mps_of(0.0) == DEFAULT.speed_margin_mps
    assert start_mps_of(None) > start_mps_of(30.0)


def test_the_reported_speed_of_a_vague_fix_counts_as_unknown() -> None:
    assert start_mps_of(0.0, accuracy_m=99.0) == start_mps_of(0.0)
    assert start_mps_of(0.0, accuracy_m=100.0) == start_mps_of(None)
    assert start_mps_of(150.0, accuracy_m=100.0) == start_mps_of(150.0)
    assert start_mps_of(0.0, accuracy_m=None) == start_mps_of(0.0)
    assert start_mps_of(0.0, accuracy_m=900.0, parameters=PAPER) == PAPER.speed_margin_mps


def test_the_start_speed_is_at_most_the_top_speed() -> None:
    assert start_mps_of(340.0) == DEFAULT.top_speed_mps
