"""Risk and episode, at the edges: where a change of one sign or number would show."""

import pytest

from agents.rules.decision.card_velocity import Conflict
from agents.rules.decision.episode import Episode, Suspect, episodes
from agents.rules.decision.risk import RiskFactors, amount_score, risk_factors
from schemas.codes.reason import ReasonCode
from schemas.verdict import Outcome
from tests.support.card import NO_WEIGHT, use
from tests.support.phone import judged, resting, spot


@pytest.mark.parametrize(
    ("amount", "weight"), [("0", 0), ("0.00", 0), ("9", 5), ("99", 10), ("999.00", 15), ("9999.00", 20), ("1e9", 20)]
)
def test_an_amount_weighs_by_its_order_of_magnitude(amount: str, weight: int) -> None:
    assert amount_score(amount) == weight


@pytest.mark.parametrize(
    ("least_m", "reach_m", "contradiction"),
    [(900.0, 1_000.0, 10), (1_000.0, 1_000.0, 10), (1_100.0, 1_000.0, 10), (2_000.0, 1_000.0, 25), (10.0, 0.0, 45)],
)
def test_a_contradiction_weighs_by_its_factor(least_m: float, reach_m: float, contradiction: int) -> None:
    conflict = Conflict(use("a", 0, 0), least_m, least_m, 60.0, reach_m)
    assert NO_WEIGHT.joined_by(conflict) == RiskFactors(contradiction, 10, 0)


@pytest.mark.parametrize(
    ("codes", "evidence"),
    [
        ((ReasonCode.UNREACHABLE_BEFORE,), 10),
        ((ReasonCode.UNREACHABLE_AFTER,), 10),
        ((ReasonCode.UNREACHABLE_BEFORE, ReasonCode.UNREACHABLE_AFTER), 20),
    ],
)
def test_each_side_that_rules_a_place_out_is_a_witness(codes: tuple[ReasonCode, ...], evidence: int) -> None:
    finding = judged(resting(-60, 60), spot(900_000))._replace(codes=codes)
    assert risk_factors(finding, 3) == RiskFactors(50, evidence, 3)
    assert risk_factors(finding._replace(measure=None), 3) == RiskFactors(0, 0, 3)
    assert risk_factors(finding._replace(outcome=Outcome.NOT_EVALUABLE), 3) == RiskFactors(0, 0, 3)


def test_suspects_of_one_moment_count_in_order_of_their_ids() -> None:
    suspects = [Suspect(name, 0, RiskFactors(20, 0, 0)) for name in (b"b", b"a", b"c")]
    assert {name: (one.first, one.number, one.severity) for name, one in episodes(suspects).items()} == {
        b"a": (b"a", 1, 20),
        b"b": (b"a", 2, 25),
        b"c": (b"a", 3, 30),
    }


def test_an_episode_ends_a_microsecond_after_half_an_hour() -> None:
    found = episodes([Suspect(b"a", 0, NO_WEIGHT), Suspect(b"b", 1_800_000_001, NO_WEIGHT)])
    assert found[b"b"] == Episode(b"b", 1, 0)
    found = episodes([Suspect(b"a", 0, NO_WEIGHT), Suspect(b"b", 1_800_000_000, NO_WEIGHT)])
    assert found[b"b"] == Episode(b"a", 2, 5)
