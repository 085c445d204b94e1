"""Risk: the points of a suspect."""

import pytest

from agents.rules.decision.card_velocity import CardUse, Conflict, Presence
from agents.rules.decision.risk import RiskFactors, amount_score, risk, risk_factors
from agents.rules.decision.signal import Observation
from agents.rules.parameters import DEFAULT
from agents.rules.signals import accusations
from schemas.codes.reason import ReasonCode
from schemas.verdict import Outcome
from tests.support.card import NO_FACTORS, use
from tests.support.phone import judged, location, point, resting

WEIGHTS = DEFAULT.risk_weights
FAR = judged(resting(-60, 60), location(900_000))
CONFLICT = Conflict(CardUse(b"a", b"card", location(), Presence.OPEN), 500_000.0, 499_000.0, 60.0, 10_000.0)


def test_a_gross_contradiction_with_a_large_amount_reaches_the_maximum() -> None:
    factors = risk_factors(FAR, amount_score("10000.00", WEIGHTS), WEIGHTS)
    assert factors == RiskFactors(contradiction=50, evidence=20, amount=20)
    assert risk(factors, 3, WEIGHTS).score == 100


def test_a_clear_finding_scores_by_its_amount_only() -> None:
    assert risk_factors(judged([point(0)], location()), amount_score("100.00", WEIGHTS), WEIGHTS) == RiskFactors(
        0, 0, 10
    )


@pytest.mark.parametrize(("metres", "contradiction"), [(1_500, 12), (2_500, 27), (12_000, 45)])
def test_a_contradiction_scores_higher_the_further_beyond_the_reach(metres: float, contradiction: int) -> None:
    assert risk_factors(judged(resting(-60, 0), location(metres, 1)), 0, WEIGHTS).contradiction == pytest.approx(
        contradiction, abs=3
    )


def test_a_contradiction_of_both_sides_together_scores_the_minimum() -> None:
    assert risk_factors(judged(resting(-60, 60), location(500)), 0, WEIGHTS) == RiskFactors(10, 20, 0)


def test_a_conflict_adds_a_witness() -> None:
    assert RiskFactors(10, 10, 5).add(accusations(Observation(conflict=CONFLICT)), WEIGHTS) == RiskFactors(49, 20, 5)
    assert RiskFactors(50, 20, 5).add(accusations(Observation(conflict=CONFLICT)), WEIGHTS) == RiskFactors(50, 20, 5)


@pytest.mark.parametrize(("number", "repetition"), [(1, 0), (2, 5), (3, 10), (30, 10)])
def test_a_repeated_suspect_scores_higher(number: int, repetition: int) -> None:
    assert risk(RiskFactors(0, 0, 0), number, WEIGHTS).score == repetition


# boundaries


@pytest.mark.parametrize(
    ("amount", "factors"), [("0", 0), ("0.00", 0), ("9", 5), ("99", 10), ("999.00", 15), ("9999.00", 20), ("1e9", 20)]
)
def test_an_amount_scores_by_its_order_of_magnitude(amount: str, factors: int) -> None:
    assert amount_score(amount, WEIGHTS) == factors


@pytest.mark.parametrize(
    ("least_m", "reach_m", "contradiction"),
    [
        (0.0, 1_000.0, 10),
        (900.0, 1_000.0, 10),
        (1_000.0, 1_000.0, 10),
        (1_100.0, 1_000.0, 10),
        (2_000.0, 1_000.0, 25),
        (10.0, 0.0, 45),
    ],
)
def test_a_contradiction_scores_by_its_factor(least_m: float, reach_m: float, contradiction: int) -> None:
    conflict = Conflict(use("a", 0, 0), least_m, least_m, 60.0, reach_m)
    assert NO_FACTORS.add(accusations(Observation(conflict=conflict)), WEIGHTS) == RiskFactors(contradiction, 10, 0)


@pytest.mark.parametrize(
    ("codes", "evidence"),
    [
        ((ReasonCode.UNREACHABLE_BEFORE,), 10),
        ((ReasonCode.UNREACHABLE_AFTER,), 10),
        ((ReasonCode.UNREACHABLE_BEFORE, ReasonCode.UNREACHABLE_AFTER), 20),
    ],
)
def test_each_side_that_rules_out_the_location_is_a_witness(codes: tuple[ReasonCode, ...], evidence: int) -> None:
    finding = judged(resting(-60, 60), location(900_000))._replace(codes=codes)
    assert risk_factors(finding, 3, WEIGHTS) == RiskFactors(50, evidence, 3)
    assert risk_factors(finding._replace(measurement=None), 3, WEIGHTS) == RiskFactors(0, 0, 3)
    assert risk_factors(finding._replace(outcome=Outcome.NOT_EVALUABLE), 3, WEIGHTS) == RiskFactors(0, 0, 3)
