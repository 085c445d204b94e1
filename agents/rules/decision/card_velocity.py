"""Card: can the holder have made both of two payments with it? Needs no phone."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from math import hypot

from agents.rules.decision.kinematics import reach_m
from agents.rules.decision.payment_location import PaymentLocation
from agents.rules.decision.reachability import place_uncertainty_m
from agents.rules.evidence.selection import EVIDENCE_S
from agents.rules.geo import distance_m
from agents.rules.parameters import RuleParameters


class Presence(IntEnum):
    """What the phone says of a payment: nothing that decides, that its holder was there, or that he was not."""

    OPEN = 0
    PRESENT = 1
    ABSENT = 2


@dataclass(frozen=True, slots=True)
class CardUse:
    """One payment among others of the same device. `id` and `card` are the same for the same payment and card."""

    id: bytes
    card: bytes
    spot: PaymentLocation
    standing: Presence


@dataclass(frozen=True, slots=True)
class Conflict:
    """An earlier payment of the card that rules this one out. `reach_m`: clock errors included."""

    other: CardUse
    distance_m: float
    least_distance_m: float
    elapsed_s: float
    reach_m: float


def conflicts(uses: Iterable[CardUse], preset: RuleParameters) -> dict[bytes, Conflict]:
    """By id: the payments that cannot have been made by whoever made an earlier one that is not suspect.

    A payment beside its phone is beyond doubt, and so is where the card was then: nothing before it counts after it.
    One that is suspect itself casts no doubt on others. A function of the set.
    """
    found: dict[bytes, Conflict] = {}
    accepted: list[CardUse] = []
    for use in sorted(uses, key=lambda use: (use.spot.at_us, use.id)):
        conflict = None
        if use.standing is not Presence.PRESENT and not preset.last_fix_only:
            conflict = _nearest(use, accepted, preset)
        if conflict is not None:
            found[use.id] = conflict
        elif use.standing is not Presence.ABSENT:
            accepted.append(use)
    return found


def _nearest(use: CardUse, accepted: Iterable[CardUse], preset: RuleParameters) -> Conflict | None:
    """The conflict with the last of the accepted ones that there is one with; they are in order of time."""
    for earlier in reversed([one for one in accepted if one.card == use.card]):
        conflict = _against(earlier, use, preset)
        if conflict is not None or earlier.standing is Presence.PRESENT:
            return conflict
    return None


def _against(earlier: CardUse, later: CardUse, preset: RuleParameters) -> Conflict | None:
    here, there = later.spot, earlier.spot
    elapsed_s = (here.at_us - there.at_us) / 1e6
    if elapsed_s > EVIDENCE_S:
        return None
    apart_m = distance_m(here.latitude, here.longitude, there.latitude, there.longitude)
    slack_m = preset.sigmas * hypot(place_uncertainty_m(here, preset), place_uncertainty_m(there, preset))
    least_m = max(0.0, apart_m - slack_m)
    start_mps = preset.unknown_speed_mps + preset.speed_margin_mps
    furthest_m = reach_m(start_mps, elapsed_s + 2 * preset.clock_uncertainty_s, preset)
    return Conflict(earlier, apart_m, least_m, elapsed_s, furthest_m) if least_m > furthest_m else None
