"""Wording: distances, durations and measurements as the sentences of verdicts write them.

Stored text: do not change.
"""

from typing import Final

from agents.rules.decision.decide import Measurement

_MINUTE_S: Final = 60
_HOUR_S: Final = 3600


def format_distance(distance_m: float) -> str:
    """Return a distance as people write it."""
    if distance_m < 1000:
        return f"{distance_m:.0f} m"
    return f"{distance_m / 1000:.1f} km" if distance_m < 100_000 else f"{distance_m / 1000:.0f} km"


def format_duration(elapsed_s: float) -> str:
    """Return a duration as people write it."""
    if elapsed_s < 2 * _MINUTE_S:
        return f"{elapsed_s:.0f} s"
    return f"{elapsed_s / _MINUTE_S:.0f} min" if elapsed_s < 2 * _HOUR_S else f"{elapsed_s / _HOUR_S:.1f} h"


def phone_was(measurement: Measurement) -> str:
    """Return the first half of a sentence: the distance of the phone and when it was measured."""
    return f"The phone was {format_distance(measurement.distance_m)} from the place {_when(measurement)}"


def _when(measurement: Measurement) -> str:
    elapsed_s = measurement.elapsed_s
    if elapsed_s < 1:
        return "at the time of the payment"
    side = "before" if measurement.is_before else "after"
    return f"{format_duration(elapsed_s)} {side} the payment"
