"""The types of a signal: one test of a payment and its result."""

from collections.abc import Callable
from typing import NamedTuple

from agents.rules.decision.card_velocity import Conflict
from agents.rules.decision.decide import Finding
from schemas.codes.reason import ReasonCode


class Observation(NamedTuple):
    """The facts about one payment that a test can use.

    `finding`: of the payment's phone; None while the other payments of the device are weighed. `conflict`: with another
    payment; None while the phone is weighed, and if there is none. A test must use one of the two only, because the
    risk adds up tests of either fact.
    """

    finding: Finding | None = None
    conflict: Conflict | None = None


class Excess(NamedTuple):
    """A distance that is too long, and the longest that the cardholder could have covered. Both in metres."""

    least_distance_m: float
    reach_m: float


class Accusation(NamedTuple):
    """The result of a test that contradicts the payment.

    Attributes:
        codes: reason codes that the verdict gets, at least one.
        witnesses: number of independent facts that rule out the payment alone. Each adds points to the risk.
        excess: distances of the contradiction. The risk adds points by their ratio. None: no points.
        sentence: returns the explanation for a person. Called for published verdicts only.
    """

    codes: tuple[ReasonCode, ...]
    witnesses: int
    excess: Excess | None
    sentence: Callable[[], str]


class Signal(NamedTuple):
    """One test of a payment.

    `codes`: reason codes that it can raise. `test`: returns the accusation, or None if the test does not contradict the
    payment. It must be pure and total.
    """

    codes: frozenset[ReasonCode]
    test: Callable[[Observation], Accusation | None]
