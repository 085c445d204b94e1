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
    """Generator of one session. `nearby_fixes`: fixes that the ground truth uses."""

    def __init__(self, spec: SessionSpec) -> None:
        self._spec = spec
        self._condition = spec.condition
        self._chance = chance = Random(spec.name)  # noqa: S311 - a simulation, not a secret
        self._trip = spec.condition.trip(chance.choice(CITIES), chance.randint(*spec.length_s), chance)
        self._gaps = _gaps(spec.condition.gap_s, latest_payment_s(spec, self._trip), chance)
        self._deliveries = self._deliver()
        self.nearby_fixes = _nearby_fixes(self._deliveries)

    def session(self) -> Session:
        """Generate the session. Call it once."""
        pushed = [
            SimulatedPush(delivery.arrives_ms, self._push(number, delivery))
            for number, delivery in enumerate(self._deliveries, 1)
        ]
        payments = PaymentGenerator(self._spec, self._trip, self._gaps, self.nearby_fixes, self._chance)
        return Session(self._condition.name, pushed, sorted(payments.generate(), key=lambda paid: paid.arrives_ms))

    def _deliver(self) -> list[NetworkDelivery]:
        condition, spec = self._condition, self._spec
        fixes = condition.noise(list(self._observed_fixes()), self._chance)
        deliveries = [
            delivery for delivery in condition.deliver(fixes, self._chance) if delivery.arrives_ms <= spec.ends_ms
        ]
        return sorted(deliveries, key=lambda delivery: delivery.arrives_ms)

    def _observed_fixes(self) -> Iterator[SimulatedFix]:
        chance, condition, path = self._chance, self._condition, self._trip.phone
        receiver = condition.receiver(chance)
        every_s = chance.choice(condition.every_s)
        silent = bytearray(len(path))
        for first, end in (*self._trip.off, *self._gaps):
            silent[first:end] = b"\1" * len(silent[first:end])
        for second in range(chance.randrange(every_s), len(path), every_s):
            if not silent[second]:
                yield receiver.observe(path, second, self._spec.start_ms)

    def _push(self, number: int, delivery: NetworkDelivery) -> Push:
        return Push(
            self._spec.device_id,
            tuple([simulated.fix for simulated in delivery.fixes]),
            session_id=self._spec.name,
            message_id=number,
            source="sensor-logger",
            received_at_ms=delivery.arrives_ms,
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


def _nearby_fixes(deliveries: list[NetworkDelivery]) -> list[NearbyFix]:
    sound = {simulated.at_ms: simulated for delivery in deliveries for simulated in delivery.fixes if simulated.sound}
    return [_nearby_fix(sound[at_ms]) for at_ms in sorted(sound)]


def _nearby_fix(simulated: SimulatedFix) -> NearbyFix:
    fix, speed_mps, claim_m = simulated.fix, simulated.fix.speed_mps, simulated.fix.horizontal_accuracy_m
    return NearbyFix(
        fix.at_ms / 1000,
        Place(fix.latitude, fix.longitude),
        simulated.sigma_m if claim_m is None or claim_m < 0 else claim_m,
        UNKNOWN_MPS if speed_mps is None or speed_mps < 0 else speed_mps,
    )
