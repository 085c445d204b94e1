"""Payments of a session, by the card's user and by thieves, with their ground truth."""

from collections.abc import Iterator, Sequence
from math import exp, log
from random import Random
from typing import Any, Final, NamedTuple

from agents.rules.geo import distance_m
from app.simulate.card import Card
from app.simulate.ground_truth import CLOCK_S, NearbyFix, is_possible
from app.simulate.label import Label
from app.simulate.place import Place, moved
from app.simulate.scenarios import Spans, Trip
from app.simulate.session_spec import SessionSpec

THEFT_M: Final = (300.0, 800_000.0)
"""Distance of a theft from the phone, at any moment that the stated time allows.

Nearer thefts cannot be separated from honest payments, since shop coordinates are up to 250 m off.
"""

STOLEN_SHARE: Final = 0.25
THEFT_ATTEMPTS: Final = 8
"""Distances to try for one theft. A near one is physically possible, so it cannot be labelled as impossible."""

SAME_PLACE_M: Final = 60.0
"""Maximum distance at which phone and card count as carried by one person."""

WALKING_MPS: Final = 3.0
RIDING_SHARE: Final = 0.3
"""Share of moments in a vehicle that allow a payment: fuel, tolls, passengers."""

ANSWER_MS: Final = (200, 3000)
"""Range of the delay between a payment and its record."""


class GeneratedPayment(NamedTuple):
    """A payment, its arrival, its stated time and its ground truth."""

    arrives_ms: int
    stated_ms: int
    record: dict[str, Any]
    label: Label


class PaymentGenerator:
    """Generator of the payments of a session, labelled by the ground truth.

    In a session with gaps the payments fall into the gaps.
    """

    def __init__(
        self, spec: SessionSpec, trip: Trip, gaps: Spans, nearby_fixes: Sequence[NearbyFix], chance: Random
    ) -> None:
        self._spec = spec
        self._trip = trip
        self._gaps = gaps
        self._nearby_fixes = nearby_fixes
        self._chance = chance

    def generate(self) -> Iterator[GeneratedPayment]:
        """Yield all payments, in no order."""
        card, chance = Card(self._spec.device_id, self._chance), self._chance
        terminal = self._spec.condition.terminal
        for number in range(self._spec.payments):
            second, stolen = self._moment(), chance.random() < STOLEN_SHARE
            at_ms = self._spec.start_ms + round(1000 * second)
            stated_ms = at_ms + round(1000 * chance.choice((-1, 1)) * chance.uniform(*terminal.clock_s))
            found = self._theft(second, stated_ms) if stolen else self._own(second, stated_ms)
            if found is not None:
                place, label = found
                record = card.pay(f"pay-{self._spec.name}p{number}", stated_ms, place, stolen=stolen)
                yield GeneratedPayment(at_ms + chance.randint(*ANSWER_MS), stated_ms, record, label)

    def _moment(self) -> float:
        """Return the second of the session at which a payment falls."""
        chance, last_s = self._chance, latest_payment_s(self._spec, self._trip)
        while True:
            first_s, end_s = chance.choice(self._gaps) if self._gaps else (self._spec.quiet_s, last_s)
            second = chance.uniform(first_s, min(end_s, last_s))
            slow = self._trip.payer.speeds_mps[int(second)] <= WALKING_MPS
            if slow or self._spec.condition.moving or chance.random() < RIDING_SHARE:
                return second

    def _theft(self, second: float, stated_ms: int) -> tuple[Place, Label] | None:
        """Return the place and label of a theft, or None if the holder could have made every one that was tried."""
        phone = self._trip.phone.at(second)
        for _ in range(THEFT_ATTEMPTS):
            away_m = exp(self._chance.uniform(*map(log, THEFT_M)))
            place = moved(phone, away_m, self._chance.uniform(0, 360))
            if label := self._impossible(place, stated_ms, stolen=True):
                return place, label
        return None

    def _own(self, second: float, stated_ms: int) -> tuple[Place, Label] | None:
        """Return the place and label of an own payment, or None if it is far from the phone and cannot be labelled."""
        payer, phone = self._trip.payer.at(second), self._trip.phone.at(second)
        shop_m = self._chance.uniform(*self._spec.condition.terminal.shop_m)
        place = moved(payer, shop_m, self._chance.uniform(0, 360))
        if self._trip.payer is self._trip.phone or distance_m(*payer, *phone) <= SAME_PLACE_M:
            return place, self._label(distance_m(*phone, *place), impossible=False, stolen=False)
        label = self._impossible(place, stated_ms, stolen=False)
        return None if label is None else (place, label)

    def _impossible(self, place: Place, stated_ms: int, *, stolen: bool) -> Label | None:
        """Return the label of a payment that the holder cannot have made, or None."""
        middle_s = (stated_ms - self._spec.start_ms) / 1000
        first, last = max(0, int(middle_s - CLOCK_S)), min(len(self._trip.phone) - 1, int(middle_s + CLOCK_S))
        away_m = min(distance_m(*self._trip.phone.at(second), *place) for second in range(first, last + 1))
        if away_m < THEFT_M[0] or is_possible(place, stated_ms / 1000, self._nearby_fixes):
            return None
        return self._label(away_m, impossible=True, stolen=stolen)

    def _label(self, away_m: float, *, impossible: bool, stolen: bool) -> Label:
        return Label(impossible, self._spec.condition.name, round(away_m, 1), stolen)


def latest_payment_s(spec: SessionSpec, trip: Trip) -> float:
    """Return the last second at which a payment still arrives within the session."""
    return min(len(trip.payer) - 1, (spec.ends_ms - ANSWER_MS[1] - spec.start_ms) / 1000)
