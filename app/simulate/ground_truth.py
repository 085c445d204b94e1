"""Ground truth: whether even a generous traveller could have been at a place. It labels simulated payments.

It measures the rule, so it shares no code with it. Its tolerances define "impossible" in the goals: do not tune them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from math import inf, sqrt
from operator import attrgetter
from typing import Final, NamedTuple

from agents.rules.geo import distance_m
from app.simulate.place import Place

SIGMAS: Final = 3.0
PLACE_M: Final = 100.0
CLOCK_S: Final = 45.0
GAIN_MPS2: Final = 2.5
TOP_MPS: Final = 278.0
UNKNOWN_MPS: Final = 83.0

NEIGHBOURS: Final = 30
"""Number of fixes checked on each side of the window. Farther ones bind only where all of these are vague."""


class NearbyFix(NamedTuple):
    """A sound, delivered fix: epoch seconds, sigma in metres, speed or the speed granted when unknown."""

    at_s: float
    place: Place
    sigma_m: float
    speed_mps: float


def is_possible(place: Place, at_s: float, fixes: Sequence[NearbyFix]) -> bool:
    """Return whether the traveller can be at the place at some moment of the window.

    The place must be reachable from every earlier fix and every later fix from the place: the space-time prism.
    `fixes` are in order of time.
    """
    opens_s, closes_s = at_s - CLOCK_S, at_s + CLOCK_S
    first = max(0, bisect_left(fixes, opens_s, key=_AT_S) - NEIGHBOURS)
    near = fixes[first : bisect_right(fixes, closes_s, key=_AT_S) + NEIGHBOURS]
    travels_s = [_travel_time_s(fix, place) for fix in near]
    leave_by_s = [inf]  # by number of fixes from the end: when the place must be left to reach all of them
    for fix, travel_s in zip(reversed(near), reversed(travels_s), strict=True):
        leave_by_s.append(min(leave_by_s[-1], fix.at_s - travel_s))
    arrive_s = -inf
    for number, fix in enumerate(near):
        # between the fix before this one and this one: arrived from all before, gone in time for all after
        if max(opens_s, arrive_s) <= min(closes_s, leave_by_s[len(near) - number]):
            return True
        arrive_s = max(arrive_s, fix.at_s + travels_s[number])
    return max(opens_s, arrive_s) <= closes_s


_AT_S = attrgetter("at_s")


def _travel_time_s(fix: NearbyFix, place: Place) -> float:
    """Return the minimum travel time between a fix and a place, in seconds."""
    least_m = distance_m(*fix.place, *place) - SIGMAS * fix.sigma_m - PLACE_M
    if least_m <= 0:
        return 0.0
    start_mps = min(fix.speed_mps, TOP_MPS)
    gaining_s = (TOP_MPS - start_mps) / GAIN_MPS2
    gained_m = (start_mps + TOP_MPS) / 2 * gaining_s
    if least_m >= gained_m:
        return gaining_s + (least_m - gained_m) / TOP_MPS
    return (sqrt(start_mps**2 + 2 * GAIN_MPS2 * least_m) - start_mps) / GAIN_MPS2
