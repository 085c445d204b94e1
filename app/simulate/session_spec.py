"""A script: what a session is made from."""

from dataclasses import dataclass
from math import inf

from app.simulate.conditions import Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSpec:
    """What a session is made from. `name` is part of all its ids; the same script makes the same session.

    `length_s`: it lasts about so long, between these. `quiet_s`: nobody pays before that. `ends_ms`: what would arrive
    later never does.
    """

    name: str
    condition: Condition
    start_ms: int
    length_s: tuple[int, int]
    payments: int
    quiet_s: float = 0.0
    ends_ms: float = inf

    @property
    def device_id(self) -> str:
        return f"phone-{self.name}"
