"""Payments of one card, as the rule compares them."""

from typing import Any

from agents.rules.card import Standing, Use
from agents.rules.risk import Weight
from tests.support.phone import spot

NO_WEIGHT = Weight(0, 0, 0)


def use(name: str, metres_east: float, seconds: float, standing: Standing = Standing.OPEN, **at: Any) -> Use:
    return Use(name.encode(), b"card", spot(metres_east, seconds, **at), standing)
