"""Risk: how much a suspect deserves an analyst's time before others do. An order, not a probability."""

from math import log10
from typing import Final, NamedTuple, Self

from agents.rules.decision.card_velocity import Conflict
from agents.rules.decision.decide import Finding
from schemas.codes.reason import ReasonCode
from schemas.verdict import Outcome

CONTRADICTION_MAX: Final = 50
PRISM_CONTRADICTION: Final = 10
"""Where only fixes before and after together contradict: the way is too long, but by no known factor."""

WITNESS_POINTS: Final = 10
EVIDENCE_MAX: Final = 20
AMOUNT_MAX: Final = 20
AMOUNT_FULL: Final = 4  # 10,000 in the payment's currency, as a power of ten
REPEAT_POINTS: Final = 5
REPETITION_MAX: Final = 10


class RiskFactors(NamedTuple):
    """What one payment brings along, before it is known how many came before it.

    `contradiction`: by which factor the way is longer than what could have been covered. `evidence`: how many
    witnesses, fixes before, fixes after, another payment, rule the place out alone. `amount`: by its order of
    magnitude, whatever the currency.
    """

    contradiction: int
    evidence: int
    amount: int

    def joined_by(self, conflict: Conflict) -> Self:
        """The weight when another payment rules this one out, too."""
        return self._replace(
            contradiction=max(self.contradiction, _contradiction(conflict.least_distance_m, conflict.reach_m)),
            evidence=min(EVIDENCE_MAX, self.evidence + WITNESS_POINTS),
        )


class Risk(NamedTuple):
    """0 to 100: the sum of its parts."""

    contradiction: int
    evidence: int
    amount: int
    repetition: int

    @property
    def score(self) -> int:
        return sum(self)


def risk_factors(finding: Finding, amount: int) -> RiskFactors:
    """The weight of a payment by what its phone says. Where that is no suspicion, only the amount weighs."""
    contradiction, witnesses = 0, 0
    if finding.outcome is Outcome.SUSPECT and finding.measure is not None:
        contradiction = _contradiction(finding.measure.least_distance_m, finding.measure.reach_m)
        witnesses = len({ReasonCode.UNREACHABLE_BEFORE, ReasonCode.UNREACHABLE_AFTER}.intersection(finding.codes))
    return RiskFactors(contradiction, min(EVIDENCE_MAX, WITNESS_POINTS * witnesses), amount)


def amount_score(amount: str) -> int:
    """The weight of an amount, as a decimal string."""
    return min(AMOUNT_MAX, round(AMOUNT_MAX / AMOUNT_FULL * log10(1 + float(amount))))


def risk(weight: RiskFactors, number: int) -> Risk:
    """The risk of the so-manieth (1, 2, ...) suspect of an episode."""
    return Risk(*weight, repetition=min(REPETITION_MAX, REPEAT_POINTS * (number - 1)))


def _contradiction(least_distance_m: float, reach_m: float) -> int:
    factor = least_distance_m / max(reach_m, 1.0)
    return PRISM_CONTRADICTION if factor <= 1 else max(PRISM_CONTRADICTION, round(CONTRADICTION_MAX * (1 - 1 / factor)))
