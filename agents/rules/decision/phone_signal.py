"""The signal of the phone: fixes before or after the payment rule out its location."""

from functools import partial
from typing import Final

from agents.rules.decision.decide import Measurement
from agents.rules.decision.signal import Accusation, Excess, Observation, Signal
from agents.rules.publish.wording import format_distance, phone_was
from schemas.codes.reason import ReasonCode
from schemas.verdict import Outcome

_CODES: Final = frozenset({ReasonCode.UNREACHABLE_BEFORE, ReasonCode.UNREACHABLE_AFTER})


def _test(observation: Observation) -> Accusation | None:
    finding = observation.finding
    if finding is None or finding.outcome is not Outcome.SUSPECT or finding.measurement is None:
        return None
    measurement = finding.measurement
    return Accusation(
        codes=finding.codes,
        witnesses=len(_CODES.intersection(finding.codes)),
        excess=Excess(measurement.least_distance_m, measurement.reach_m),
        sentence=partial(_sentence, measurement),
    )


def _sentence(measurement: Measurement) -> str:
    if measurement.least_distance_m > measurement.reach_m:
        reach = format_distance(measurement.reach_m)
        why = f"the holder could have covered at most {reach} in that time, clock error included"
    else:
        why = "there was not enough time to go to the place and on to where the phone was next"
    return f"{phone_was(measurement)}; {why}."


UNREACHABLE: Final = Signal(_CODES, _test)
