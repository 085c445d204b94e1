"""Payments of one card, as the rule compares them."""

from typing import Any

from agents.rules.decision.card_velocity import CardUse, Presence
from agents.rules.decision.risk import RiskFactors
from tests.support.phone import location

NO_FACTORS = RiskFactors(0, 0, 0)


def use(
    name: str,
    metres_east: float,
    seconds: float,
    presence: Presence = Presence.OPEN,
    *,
    card: str = "card",
    **at: Any,
) -> CardUse:
    """Return a payment this far east of home, this long after noon. `at`: see `location`."""
    return CardUse(name.encode(), card.encode(), location(metres_east, seconds, **at), presence)
