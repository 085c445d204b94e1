"""Outcome of a fault, and the wait for recovery."""

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from tests.nightly.fault.harness import Harness

CAUGHT_UP_WITHIN_S: Final = 240.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of a fault.

    Attributes:
        in_flight: unprocessed records when it struck; with none it proves nothing and is void.
        well_again_s: seconds until the worker was ready or had caught up; None if nobody waited.
        failed: the expected event that did not happen; empty if all did.
    """

    what: str
    in_flight: int
    well_again_s: float | None = None
    failed: str = ""


Fault = Callable[[Harness, random.Random], Awaitable[Outcome]]


async def caught_up(world: Harness, apps: Sequence[str], how: str, in_flight: int) -> Outcome:
    """Return the outcome once these apps have processed the records of the moment when the fault ended."""
    caught_up_s = await world.caught_up(CAUGHT_UP_WITHIN_S, apps)
    failed = "" if caught_up_s is not None else f"not caught up afterwards: {how}"
    return Outcome(how, in_flight, caught_up_s, failed)
