"""Verdict: a finding as it is published, with its evidence coarsened."""

from functools import cache
from typing import NamedTuple

import msgspec

from agents.rules.decision.assessment import Assessment
from agents.rules.decision.card_velocity import Conflict
from agents.rules.decision.decide import Measurement
from agents.rules.evidence.point_codec import TrackPoint
from agents.rules.parameters import RULE_NAME, RULE_VERSION, RuleParameters
from agents.rules.publish.reason import explain
from schemas.json.timestamps import format_us
from schemas.verdict import FixEvidence, MaskedPayment, MerchantLocation, OtherPayment, RiskParts, Rule, Status, Verdict

COARSE_DECIMALS = 2  # of a degree: about a kilometre


@cache
def rule_of(preset: RuleParameters) -> Rule:
    """What is written into every verdict of this preset."""
    return Rule(name=RULE_NAME, version=RULE_VERSION, preset=preset.name, parameters=preset.parameters())


def compose(payment: MaskedPayment, answer: Assessment, rule: Rule, status: Status, revision: int) -> Verdict:
    """The verdict. Equal arguments give equal bytes."""
    finding, conflict, episode = answer.finding, answer.context.conflict, answer.context.episode
    numbers = _numbers(finding.measure)
    parts = answer.risk
    return Verdict(
        **msgspec.structs.asdict(payment),
        verdict=answer.outcome,
        status=status,
        revision=revision,
        codes=answer.codes,
        reason=explain(answer),
        rule=rule,
        distance_m=numbers.distance_m,
        least_distance_m=numbers.least_distance_m,
        elapsed_s=numbers.elapsed_s,
        implied_speed_mps=numbers.implied_speed_mps,
        reported_speed_mps=numbers.reported_speed_mps,
        allowed_speed_mps=numbers.allowed_speed_mps,
        fix_before=_evidence(finding.before),
        fix_after=_evidence(finding.after),
        other_payment=None if conflict is None else _other(conflict),
        risk=0 if parts is None else parts.score,
        risk_parts=None if parts is None else RiskParts(**parts._asdict()),
        episode_id=None if episode is None else f"episode-{episode.first.hex()}",
        episode_number=None if episode is None else episode.number,
        episode_severity=None if episode is None else episode.severity,
    )


def _other(conflict: Conflict) -> OtherPayment:
    spot = conflict.other.spot
    return OtherPayment(
        timestamp=format_us(spot.at_us),
        place=MerchantLocation(spot.latitude, spot.longitude),
        distance_m=round(conflict.distance_m, 2),
        least_distance_m=round(conflict.least_distance_m, 2),
        elapsed_s=round(conflict.elapsed_s, 6),
        reach_m=round(conflict.reach_m, 2),
    )


class _Numbers(NamedTuple):
    distance_m: float | None = None
    least_distance_m: float | None = None
    elapsed_s: float | None = None
    implied_speed_mps: float | None = None
    reported_speed_mps: float | None = None
    allowed_speed_mps: float | None = None


def _numbers(measure: Measurement | None) -> _Numbers:
    """Rounded to what they can mean: centimetres, microseconds, millimetres a second."""
    if measure is None:
        return _Numbers()
    return _Numbers(
        round(measure.distance_m, 2),
        round(measure.least_distance_m, 2),
        round(measure.elapsed_s, 6),
        _rounded(measure.implied_speed_mps, 3),
        measure.reported_speed_mps,
        _rounded(measure.allowed_speed_mps, 3),
    )


def _evidence(point: TrackPoint | None) -> FixEvidence | None:
    if point is None:
        return None
    return FixEvidence(
        at=format_us(point.at_ms * 1000),
        horizontal_accuracy_m=_rounded(point.accuracy_m, 1),
        speed_mps=point.speed_mps,
        latitude=coarse(point.latitude),
        longitude=coarse(point.longitude),
    )


def coarse(degrees: float) -> float:
    """A coordinate of a phone as others may know it. Whatever shows one goes through here."""
    return round(degrees, COARSE_DECIMALS) + 0.0  # no negative zero


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
