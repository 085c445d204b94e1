"""Signals: the list of tests that a payment goes through."""

import pytest

from agents.rules import signals
from agents.rules.decision.assessment import Assessment, RelatedPayments, presence_of
from agents.rules.decision.card_velocity import Conflict, Presence
from agents.rules.decision.risk import RiskFactors, risk_factors
from agents.rules.decision.signal import Accusation, Excess, Observation, Signal
from agents.rules.parameters import DEFAULT
from agents.rules.publish.reason import explain
from agents.rules.signals import SIGNALS, accusations
from schemas.codes.reason import ReasonCode
from schemas.verdict import Outcome
from tests.support.card import NO_FACTORS, use
from tests.support.phone import judged, location, point, resting

CLEAR = judged([point(-1)], location())
SUSPECT = judged(resting(-60, 60), location(5_000))
CONFLICT = Conflict(use("a", 0, 0), 400_000.0, 399_000.0, 60.0, 20_000.0)


def test_each_code_belongs_to_one_signal() -> None:
    codes = [code for signal in SIGNALS for code in signal.codes]
    assert sorted(codes) == sorted(set(codes))


@pytest.mark.parametrize(
    ("observation", "codes"),
    [
        (Observation(), []),
        (Observation(CLEAR), []),
        (Observation(SUSPECT), [SUSPECT.codes]),
        (Observation(conflict=CONFLICT), [(ReasonCode.CARD_VELOCITY,)]),
        (Observation(SUSPECT, CONFLICT), [(ReasonCode.CARD_VELOCITY,), SUSPECT.codes]),
    ],
)
def test_accusations_follow_the_order_of_the_list(
    observation: Observation, codes: list[tuple[ReasonCode, ...]]
) -> None:
    assert [accusation.codes for accusation in accusations(observation)] == codes


def test_an_accusation_raises_only_codes_of_its_signal() -> None:
    for signal in SIGNALS:
        accusation = signal.test(Observation(SUSPECT, CONFLICT))
        assert accusation is not None
        assert signal.codes.issuperset(accusation.codes)


def test_a_signal_in_the_list_counts_for_outcome_codes_risk_and_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def is_stale(observation: Observation) -> Accusation | None:
        if observation.finding is None:
            return None
        return Accusation((ReasonCode.STALE_FIX,), 1, Excess(2_000.0, 1_000.0), lambda: "The fix is stale.")

    monkeypatch.setattr(signals, "SIGNALS", (*SIGNALS, Signal(frozenset({ReasonCode.STALE_FIX}), is_stale)))
    assessment = Assessment(CLEAR, RelatedPayments(), NO_FACTORS)
    assert assessment.outcome is Outcome.SUSPECT
    assert assessment.codes == (ReasonCode.STALE_FIX, ReasonCode.REACHABLE)
    assert explain(assessment) == "The fix is stale."
    assert presence_of(CLEAR) is Presence.ABSENT
    assert risk_factors(CLEAR, 7, DEFAULT.risk_weights) == RiskFactors(25, 10, 7)


def test_an_accusation_without_distances_adds_no_contradiction() -> None:
    accusation = Accusation((ReasonCode.STALE_FIX,), 1, None, str)
    assert NO_FACTORS.add([accusation], DEFAULT.risk_weights) == RiskFactors(0, 10, 0)
