"""Specification of a session."""

from dataclasses import dataclass
from math import inf

from app.simulate.conditions import Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSpec:
    """Specification of a session. The same specification generates the same session.

    Attributes:
        name: part of all ids.
        length_s: range of the length.
        quiet_s: no payment before this second.
        ends_ms: anything that would arrive later is left out.
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
