"""Card velocity: the test of two payments of one card against each other, without a phone."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from math import hypot

import msgspec

from agents.rules.decision.kinematics import reach_m
from agents.rules.decision.payment_location import PaymentLocation
from agents.rules.decision.reachability import place_uncertainty_m
from agents.rules.geo import distance_m
from agents.rules.parameters import RuleParameters
from agents.rules.state_limits import STATE_LIMITS


class Presence(IntEnum):
    """The relation of the phone to a payment: undecided, at the location, or elsewhere. Numbers are stored in rows."""

    OPEN = 0
    PRESENT = 1
    ABSENT = 2


class CardUse(msgspec.Struct, frozen=True):
    """One payment among the payments of a device.

    `id` and `card` are equal for the same payment and the same card. The encoded names are part of digests in rows
    (`agents.judge.digest_of`), so they do not change with the attributes.
    """

    id: bytes
    card: bytes
    location: PaymentLocation = msgspec.field(name="spot")
    presence: Presence = msgspec.field(name="standing")


@dataclass(frozen=True, slots=True)
class Conflict:
    """An earlier payment of the card that makes this payment impossible. `reach_m` includes the clock errors."""

    other: CardUse
    distance_m: float
    least_distance_m: float
    elapsed_s: float
    reach_m: float


def conflicts(uses: Iterable[CardUse], parameters: RuleParameters) -> dict[bytes, Conflict]:
    """Return, by id, the payments that nobody can have made together with an earlier payment that is not suspect.

    A payment beside its phone is beyond doubt and proves where the card was. Payments before it no longer count after
    it. A suspect casts no doubt on other payments. The result is a function of the set, in any order.
    """
    found: dict[bytes, Conflict] = {}
    accepted: list[CardUse] = []
    for use in sorted(uses, key=lambda use: (use.location.at_us, use.id)):
        conflict = None
        if use.presence is not Presence.PRESENT and not parameters.last_fix_only:
            conflict = _latest_conflict(use, accepted, parameters)
        if conflict is not None:
            found[use.id] = conflict
        elif use.presence is not Presence.ABSENT:
            accepted.append(use)
    return found


def _latest_conflict(use: CardUse, accepted: Iterable[CardUse], parameters: RuleParameters) -> Conflict | None:
    """Return the conflict with the latest accepted payment that has one. `accepted` is in order of time."""
    for earlier in reversed([one for one in accepted if one.card == use.card]):
        conflict = _against(earlier, use, parameters)
        if conflict is not None or earlier.presence is Presence.PRESENT:
            return conflict
    return None


def _against(earlier: CardUse, later: CardUse, parameters: RuleParameters) -> Conflict | None:
    here, there = later.location, earlier.location
    elapsed_s = (here.at_us - there.at_us) / 1e6
    if elapsed_s > STATE_LIMITS.evidence_s:
        return None
    apart_m = distance_m(here.latitude, here.longitude, there.latitude, there.longitude)
    slack_m = parameters.sigmas * hypot(place_uncertainty_m(here, parameters), place_uncertainty_m(there, parameters))
    least_m = max(0.0, apart_m - slack_m)
    start_mps = parameters.unknown_speed_mps + parameters.speed_margin_mps
    furthest_m = reach_m(start_mps, elapsed_s + 2 * parameters.clock_uncertainty_s, parameters)
    return Conflict(earlier, apart_m, least_m, elapsed_s, furthest_m) if least_m > furthest_m else None
