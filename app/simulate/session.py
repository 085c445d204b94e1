"""A session: one phone under one condition, its pushes and its labelled payments."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final, NamedTuple

from app.simulate.gnss_model import SimulatedFix
from app.simulate.ground_truth import UNKNOWN_MPS, NearbyFix
from app.simulate.network import NetworkDelivery
from app.simulate.payments import GeneratedPayment, PaymentGenerator, latest_payment_s
from app.simulate.place import CITIES, Place
from app.simulate.scenarios import Spans
from app.simulate.session_spec import SessionSpec
from schemas.push import Push

SEGMENT_S: Final = (40, 150)
"""Length of a segment of live fixes between two gaps."""


class SimulatedPush(NamedTuple):
    """A push and its arrival."""

    arrives_ms: int
    push: Push


@dataclass(frozen=True, slots=True)
class Session:
    """Pushes and payments of a session, in order of arrival."""

    condition: str
    pushed: list[SimulatedPush]
    paid: list[GeneratedPayment]


class SessionGenerator:
    """Generator of one session. `witnesses`: fixes that the ground truth uses."""

    def __init__(self, script: SessionSpec) -> None:
        self._script = script
        self._condition = script.condition
        self._chance = chance = Random(script.name)  # noqa: S311 - a simulation, not a secret
        self._trip = script.condition.trip(chance.choice(CITIES), chance.randint(*script.length_s), chance)
        self._gaps = _gaps(script.condition.gap_s, latest_payment_s(script, self._trip), chance)
        self._parcels = self._deliver()
        self.witnesses = _nearby_fixes(self._parcels)

    def session(self) -> Session:
        """Generate the session. Call it once."""
        pushed = [
            SimulatedPush(parcel.arrives_ms, self._push(number, parcel))
            for number, parcel in enumerate(self._parcels, 1)
        ]
        purchases = PaymentGenerator(self._script, self._trip, self._gaps, self.witnesses, self._chance)
        return Session(self._condition.name, pushed, sorted(purchases.generate(), key=lambda paid: paid.arrives_ms))

    def _deliver(self) -> list[NetworkDelivery]:
        condition, script = self._condition, self._script
        sightings = condition.spoil(list(self._sightings()), self._chance)
        parcels = [
            parcel for parcel in condition.deliver(sightings, self._chance) if parcel.arrives_ms <= script.ends_ms
        ]
        return sorted(parcels, key=lambda parcel: parcel.arrives_ms)

    def _sightings(self) -> Iterator[SimulatedFix]:
        chance, condition, path = self._chance, self._condition, self._trip.phone
        receiver = condition.receiver(chance)
        every_s = chance.choice(condition.every_s)
        silent = bytearray(len(path))
        for first, end in (*self._trip.off, *self._gaps):
            silent[first:end] = b"\1" * len(silent[first:end])
        for second in range(chance.randrange(every_s), len(path), every_s):
            if not silent[second]:
                yield receiver.observe(path, second, self._script.start_ms)

    def _push(self, number: int, parcel: NetworkDelivery) -> Push:
        return Push(
            self._script.device_id,
            tuple([sighting.fix for sighting in parcel.sightings]),
            session_id=self._script.name,
            message_id=number,
            source="sensor-logger",
            received_at_ms=parcel.arrives_ms,
        )


def _gaps(gap_s: int, last_s: float, chance: Random) -> Spans:
    """Draw silences of about `gap_s` between segments of live fixes."""
    if not gap_s:
        return ()
    gaps, at_s = [], chance.randint(*SEGMENT_S)
    while at_s < last_s - SEGMENT_S[0]:
        gaps.append((at_s, at_s + round(gap_s * chance.uniform(0.9, 1.1))))
        at_s = gaps[-1][1] + chance.randint(*SEGMENT_S)
    return tuple(gaps)


def _nearby_fixes(parcels: list[NetworkDelivery]) -> list[NearbyFix]:
    sound = {sighting.at_ms: sighting for parcel in parcels for sighting in parcel.sightings if sighting.sound}
    return [_nearby_fix(sound[at_ms]) for at_ms in sorted(sound)]


def _nearby_fix(sighting: SimulatedFix) -> NearbyFix:
    fix, speed_mps, claim_m = sighting.fix, sighting.fix.speed_mps, sighting.fix.horizontal_accuracy_m
    return NearbyFix(
        fix.at_ms / 1000,
        Place(fix.latitude, fix.longitude),
        sighting.sigma_m if claim_m is None or claim_m < 0 else claim_m,
        UNKNOWN_MPS if speed_mps is None or speed_mps < 0 else speed_mps,
    )
