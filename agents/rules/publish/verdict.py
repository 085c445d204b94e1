"""Verdict: an assessment as it is published, with coarse positions of the phone."""

from functools import cache
from typing import Final, NamedTuple

import msgspec

from agents.rules.decision.assessment import Assessment
from agents.rules.decision.card_velocity import Conflict
from agents.rules.decision.decide import Measurement
from agents.rules.evidence.point_codec import TrackPoint
from agents.rules.parameters import RULE_NAME, RULE_VERSION, RuleParameters
from agents.rules.publish.reason import explain
from schemas.json.timestamps import format_us
from schemas.verdict import FixEvidence, MaskedPayment, MerchantLocation, OtherPayment, RiskParts, Rule, Status, Verdict

COARSE_DECIMALS: Final = 2
"""Decimals of a phone's published coordinates. 0.01 degrees of latitude are 1.1 km."""


@cache
def rule_of(parameters: RuleParameters) -> Rule:
    """Return the rule as every verdict under these parameters names it."""
    return Rule(
        name=RULE_NAME,
        version=RULE_VERSION,
        preset=parameters.name,
        parameters=parameters.published(),
        parameter_set=parameters.set_id,
    )


def compose(
    payment: MaskedPayment, assessment: Assessment, parameters: RuleParameters, status: Status, revision: int
) -> Verdict:
    """Return the verdict. Equal arguments give equal bytes. `parameters`: those of the assessment."""
    finding, conflict, episode = assessment.finding, assessment.related.conflict, assessment.related.episode
    numbers = _numbers(finding.measurement)
    risk = assessment.risk(parameters.risk_weights)
    return Verdict(
        **msgspec.structs.asdict(payment),
        verdict=assessment.outcome,
        status=status,
        revision=revision,
        codes=assessment.codes,
        reason=explain(assessment),
        rule=rule_of(parameters),
        distance_m=numbers.distance_m,
        least_distance_m=numbers.least_distance_m,
        elapsed_s=numbers.elapsed_s,
        implied_speed_mps=numbers.implied_speed_mps,
        reported_speed_mps=numbers.reported_speed_mps,
        allowed_speed_mps=numbers.allowed_speed_mps,
        fix_before=_evidence(finding.before),
        fix_after=_evidence(finding.after),
        other_payment=None if conflict is None else _other(conflict),
        risk=0 if risk is None else risk.score,
        risk_parts=None if risk is None else RiskParts(**risk._asdict()),
        episode_id=None if episode is None else f"episode-{episode.first_id.hex()}",
        episode_number=None if episode is None else episode.number,
        episode_severity=None if episode is None else episode.severity,
    )


def _other(conflict: Conflict) -> OtherPayment:
    other = conflict.other.location
    return OtherPayment(
        timestamp=format_us(other.at_us),
        place=MerchantLocation(other.latitude, other.longitude),
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


def _numbers(measurement: Measurement | None) -> _Numbers:
    """Return the numbers rounded to their precision: centimetres, microseconds, millimetres per second."""
    if measurement is None:
        return _Numbers()
    return _Numbers(
        round(measurement.distance_m, 2),
        round(measurement.least_distance_m, 2),
        round(measurement.elapsed_s, 6),
        _rounded(measurement.implied_speed_mps, 3),
        measurement.reported_speed_mps,
        _rounded(measurement.allowed_speed_mps, 3),
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
    """Return a coordinate of a phone rounded to 0.01 degrees. Every published coordinate goes through this function."""
    return round(degrees, COARSE_DECIMALS) + 0.0  # no negative zero


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
