"""Reason: a verdict in one sentence that a person can read."""

from typing import Final

from agents.rules.decision.assessment import Assessment
from agents.rules.decision.decide import Finding, Measurement
from schemas.codes.reason import REASON_HELP
from schemas.verdict import Outcome

_MINUTE_S: Final = 60
_HOUR_S: Final = 3600


def explain(answer: Assessment) -> str:
    """Says what the numbers mean; for a verdict without numbers, what its code means."""
    conflict = answer.context.conflict
    if conflict is not None and answer.finding.outcome is not Outcome.SUSPECT:
        return (
            f"The card was used {format_distance(conflict.distance_m)} away {_duration(conflict.elapsed_s)} before; "
            f"nobody could have covered more than {format_distance(conflict.reach_m)} in that time, "
            "clock errors included."
        )
    return _of_phone(answer.finding)


def _of_phone(finding: Finding) -> str:
    measure = finding.measure
    if measure is None or finding.outcome is Outcome.NOT_EVALUABLE:
        return f"Not evaluable: {REASON_HELP[finding.codes[0]]}."
    distance = format_distance(measure.distance_m)
    return f"The phone was {distance} from the place {_when(measure)}; {_therefore(finding, measure)}."


def format_distance(distance_m: float) -> str:
    """A distance as people write it."""
    if distance_m < 1000:
        return f"{distance_m:.0f} m"
    return f"{distance_m / 1000:.1f} km" if distance_m < 100_000 else f"{distance_m / 1000:.0f} km"


def _therefore(finding: Finding, measure: Measurement) -> str:
    if finding.outcome is Outcome.CLEAR:
        return "the holder could have been there"
    if measure.least_distance_m > measure.reach_m:
        reach = format_distance(measure.reach_m)
        return f"the holder could have covered at most {reach} in that time, clock error included"
    return "there was not enough time to go to the place and on to where the phone was next"


def _when(measure: Measurement) -> str:
    elapsed_s = measure.elapsed_s
    if elapsed_s < 1:
        return "at the time of the payment"
    side = "before" if measure.is_before else "after"
    return f"{_duration(elapsed_s)} {side} the payment"


def _duration(elapsed_s: float) -> str:
    if elapsed_s < 2 * _MINUTE_S:
        return f"{elapsed_s:.0f} s"
    return f"{elapsed_s / _MINUTE_S:.0f} min" if elapsed_s < 2 * _HOUR_S else f"{elapsed_s / _HOUR_S:.1f} h"
