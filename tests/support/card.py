"""Payments of one card, as the rule compares them."""

from typing import Any

from agents.rules.decision.card_velocity import CardUse, Presence
from agents.rules.decision.risk import RiskFactors
from tests.support.phone import spot

NO_WEIGHT = RiskFactors(0, 0, 0)


def use(name: str, metres_east: float, seconds: float, standing: Presence = Presence.OPEN, **at: Any) -> CardUse:
    return CardUse(name.encode(), b"card", spot(metres_east, seconds, **at), standing)
