"""Outcome: what a fault came to, and how it is waited for that all is well again."""

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from tests.nightly.fault.harness import World

CAUGHT_UP_WITHIN_S: Final = 240.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a fault came to. `in_flight`: records not yet done when it struck; none: it proves nothing and is void.

    `well_again_s`: until the worker was ready, or all was caught up with; None: that was not waited for.
    `failed`: what did not happen that should have.
    """

    what: str
    in_flight: int
    well_again_s: float | None = None
    failed: str = ""


Fault = Callable[[World, random.Random], Awaitable[Outcome]]


async def caught_up(world: World, apps: Sequence[str], how: str, in_flight: int) -> Outcome:
    """The outcome once these apps have done all that lay on their topics when the fault was over."""
    caught_up_s = await world.caught_up(CAUGHT_UP_WITHIN_S, apps)
    failed = "" if caught_up_s is not None else f"not caught up with afterwards: {how}"
    return Outcome(how, in_flight, caught_up_s, failed)
