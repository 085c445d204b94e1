"""The list of tests that a payment goes through. A new test is one file with a `Signal` and one line here."""

from typing import Final

from agents.rules.decision.card_signal import CARD_VELOCITY
from agents.rules.decision.phone_signal import UNREACHABLE
from agents.rules.decision.signal import Accusation, Observation, Signal

SIGNALS: Final[tuple[Signal, ...]] = (CARD_VELOCITY, UNREACHABLE)
"""All signals, in the order of their codes in a verdict.

If several signals accuse, the last one explains the verdict.
"""


def accusations(observation: Observation) -> list[Accusation]:
    """Return the accusations of all signals, in the order of `SIGNALS`. Empty for a payment that is not suspect."""
    results = [signal.test(observation) for signal in SIGNALS]
    return [accusation for accusation in results if accusation is not None]
