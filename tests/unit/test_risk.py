"""Risk, and the episodes it is counted in."""

from dataclasses import replace

import pytest

from agents.rules.decision.card_velocity import CardUse, Conflict, Presence
from agents.rules.decision.episode import COOL_DOWN_S, Suspect, episodes
from agents.rules.decision.risk import RiskFactors, amount_score, risk, risk_factors
from tests.support.phone import judged, point, resting, spot

FAR = judged(resting(-60, 60), spot(900_000))
CONFLICT = Conflict(CardUse(b"a", b"card", spot(), Presence.OPEN), 500_000.0, 499_000.0, 60.0, 10_000.0)


def test_a_gross_contradiction_with_two_witnesses_and_much_money_is_nearly_all_there_is() -> None:
    weight = risk_factors(FAR, amount_score("10000.00"))
    assert weight == RiskFactors(contradiction=50, evidence=20, amount=20)
    assert risk(weight, 3).score == 100


def test_what_is_no_suspicion_weighs_by_its_amount_alone() -> None:
    assert risk_factors(judged([point(0)], spot()), amount_score("100.00")) == RiskFactors(0, 0, 10)


@pytest.mark.parametrize(("metres", "contradiction"), [(1_500, 12), (2_500, 27), (12_000, 45)])
def test_the_further_beyond_reach_the_higher(metres: float, contradiction: int) -> None:
    assert risk_factors(judged(resting(-60, 0), spot(metres, 1)), 0).contradiction == pytest.approx(
        contradiction, abs=3
    )


def test_where_only_both_sides_together_contradict_the_factor_is_not_known() -> None:
    assert risk_factors(judged(resting(-60, 60), spot(500)), 0) == RiskFactors(10, 20, 0)


def test_another_payment_is_a_witness_more() -> None:
    assert RiskFactors(10, 10, 5).joined_by(CONFLICT) == RiskFactors(49, 20, 5)
    assert RiskFactors(50, 20, 5).joined_by(CONFLICT) == RiskFactors(50, 20, 5)


@pytest.mark.parametrize(("number", "repetition"), [(1, 0), (2, 5), (3, 10), (30, 10)])
def test_who_tries_again_weighs_more(number: int, repetition: int) -> None:
    assert risk(RiskFactors(0, 0, 0), number).score == repetition


def suspect(name: str, at_s: float, contradiction: int = 20) -> Suspect:
    return Suspect(name.encode(), round(at_s * 1e6), RiskFactors(contradiction, 0, 0))


def test_an_episode_goes_on_until_there_was_peace() -> None:
    found = episodes([suspect("a", 0), suspect("b", COOL_DOWN_S), suspect("c", 2 * COOL_DOWN_S + 1)])
    assert [(found[name].first, found[name].number) for name in (b"a", b"b", b"c")] == [(b"a", 1), (b"a", 2), (b"c", 1)]


def test_severity_is_the_highest_risk_so_far() -> None:
    found = episodes([suspect("a", 0, 40), suspect("b", 10, 20), suspect("c", 20, 40)])
    assert [found[name].severity for name in (b"a", b"b", b"c")] == [40, 40, 50]


def test_suspects_count_by_their_own_time_however_they_come() -> None:
    suspects = [suspect("a", 0), suspect("b", 10), suspect("c", 20)]
    assert episodes(reversed(suspects)) == episodes(suspects)
    assert replace(episodes(suspects)[b"b"], number=0).first == b"a"
