"""Network between phone and bridge: which fixes share a push, and when it arrives."""

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Final, NamedTuple

from app.simulate.gnss_model import SimulatedFix

PERIODS_S: Final = (1, 1, 2)
"""Candidates for the interval between two pushes of a phone, in seconds."""

DELAY_MS: Final = (100, 1500)
LATEST_MS: Final = 3_500_000
"""Maximum delay of a push. The bridge reads a longer one as a wrong clock."""

LATE_SHARE: Final = 0.5
DOUBLED_SHARE: Final = 0.15


class NetworkDelivery(NamedTuple):
    """Fixes that arrive together."""

    arrives_ms: int
    fixes: Sequence[SimulatedFix]


DeliveryModel = Callable[[Sequence[SimulatedFix], Random], list[NetworkDelivery]]


def on_time(fixes: Sequence[SimulatedFix], chance: Random) -> list[NetworkDelivery]:
    """Deliver in order, within about a second."""
    return [
        NetworkDelivery(sent_ms + chance.randint(*DELAY_MS), together) for sent_ms, together in _together(fixes, chance)
    ]


def delayed(fixes: Sequence[SimulatedFix], chance: Random) -> list[NetworkDelivery]:
    """Deliver up to an hour late, in any order, some of them twice."""
    deliveries = []
    for sent_ms, together in _together(fixes, chance):
        for _ in range(1 + (chance.random() < DOUBLED_SHARE)):
            delay_ms = chance.randint(*DELAY_MS) if chance.random() > LATE_SHARE else chance.randint(0, LATEST_MS)
            deliveries.append(NetworkDelivery(sent_ms + delay_ms, together))
    return deliveries


def _together(fixes: Sequence[SimulatedFix], chance: Random) -> Iterator[tuple[int, Sequence[SimulatedFix]]]:
    """Yield the fixes of one period each, with the time at which the phone sends them."""
    period_ms = 1000 * chance.choice(PERIODS_S)
    first = 0
    for number, fix in enumerate(fixes):
        if number > first and fix.at_ms >= fixes[first].at_ms + period_ms:
            yield fixes[number - 1].at_ms, fixes[first:number]
            first = number
    if fixes:
        yield fixes[-1].at_ms, fixes[first:]
