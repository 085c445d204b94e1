"""Risk: a number by which analysts sort suspects. It is an order, not a probability."""

from collections.abc import Iterable
from math import log10
from typing import NamedTuple, Self

from agents.rules.decision.decide import Finding
from agents.rules.decision.signal import Accusation, Excess, Observation
from agents.rules.parameters import RiskWeights
from agents.rules.signals import accusations


class RiskFactors(NamedTuple):
    """The points of one payment before its position in an episode counts.

    `contradiction`: by the factor between the distance and the reachable distance. `evidence`: by the number of
    witnesses that rule out the payment alone: fixes before, fixes after, another payment. `amount`: by its order of
    magnitude, in any currency.
    """

    contradiction: int
    evidence: int
    amount: int

    def add(self, accusing: Iterable[Accusation], weights: RiskWeights) -> Self:
        """Return the factors with further accusations: the worst contradiction and the sum of the witnesses."""
        contradiction, witnesses = self.contradiction, 0
        for accusation in accusing:
            witnesses += accusation.witnesses
            if accusation.excess is not None:
                contradiction = max(contradiction, _contradiction(accusation.excess, weights))
        evidence = min(weights.evidence_max, self.evidence + weights.witness_points * witnesses)
        return self._replace(contradiction=contradiction, evidence=evidence)


class Risk(NamedTuple):
    """The points of a suspect. Their sum, the score, is between 0 and 100."""

    contradiction: int
    evidence: int
    amount: int
    repetition: int

    @property
    def score(self) -> int:
        return sum(self)


def risk_factors(finding: Finding, amount: int, weights: RiskWeights) -> RiskFactors:
    """Return the factors of a payment from its phone's finding. `amount`: see `amount_score`.

    If the finding does not accuse, only the amount counts.
    """
    return RiskFactors(0, 0, amount).add(accusations(Observation(finding)), weights)


def amount_score(amount: str, weights: RiskWeights) -> int:
    """Return the points of an amount, given as a decimal string."""
    return min(weights.amount_max, round(weights.amount_max / weights.amount_full_exponent * log10(1 + float(amount))))


def risk(factors: RiskFactors, number: int, weights: RiskWeights) -> Risk:
    """Return the risk of the `number`-th suspect of an episode, starting at 1."""
    return Risk(*factors, repetition=min(weights.repetition_max, weights.repeat_points * (number - 1)))


def _contradiction(excess: Excess, weights: RiskWeights) -> int:
    factor = excess.least_distance_m / max(excess.reach_m, weights.reach_floor_m)
    if factor <= 1:
        return weights.prism_contradiction
    return max(weights.prism_contradiction, round(weights.contradiction_max * (1 - 1 / factor)))
