"""The signal of the card: an earlier payment of the same card rules out this one."""

from functools import partial
from typing import Final

from agents.rules.decision.card_velocity import Conflict
from agents.rules.decision.signal import Accusation, Excess, Observation, Signal
from agents.rules.publish.wording import format_distance, format_duration
from schemas.codes.reason import ReasonCode


def _test(observation: Observation) -> Accusation | None:
    conflict = observation.conflict
    if conflict is None:
        return None
    return Accusation(
        codes=(ReasonCode.CARD_VELOCITY,),
        witnesses=1,
        excess=Excess(conflict.least_distance_m, conflict.reach_m),
        sentence=partial(_sentence, conflict),
    )


def _sentence(conflict: Conflict) -> str:
    return (
        f"The card was used {format_distance(conflict.distance_m)} away {format_duration(conflict.elapsed_s)} before; "
        f"nobody could have covered more than {format_distance(conflict.reach_m)} in that time, "
        "clock errors included."
    )


CARD_VELOCITY: Final = Signal(frozenset({ReasonCode.CARD_VELOCITY}), _test)
