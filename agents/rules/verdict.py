"""Verdict: a finding as it is published, with its evidence coarsened."""

from typing import NamedTuple

import msgspec

from agents.rules.decide import Finding, Measure
from agents.rules.preset import RULE_NAME, RULE_VERSION, Preset
from agents.rules.reason import sentence
from agents.rules.track import TrackPoint
from schemas.timestamps import format_us
from schemas.verdict import FixEvidence, MaskedPayment, Rule, Status, Verdict

COARSE_DECIMALS = 2  # of a degree: about a kilometre


def rule_of(preset: Preset) -> Rule:
    """What is written into every verdict of this preset."""
    return Rule(name=RULE_NAME, version=RULE_VERSION, preset=preset.name, parameters=preset.parameters())


def compose(payment: MaskedPayment, finding: Finding, rule: Rule, status: Status, revision: int) -> Verdict:
    """The verdict. Equal arguments give equal bytes."""
    numbers = _numbers(finding.measure)
    return Verdict(
        **msgspec.structs.asdict(payment),
        verdict=finding.outcome,
        status=status,
        revision=revision,
        codes=finding.codes,
        reason=sentence(finding),
        rule=rule,
        distance_m=numbers.distance_m,
        least_distance_m=numbers.least_distance_m,
        elapsed_s=numbers.elapsed_s,
        implied_speed_mps=numbers.implied_speed_mps,
        reported_speed_mps=numbers.reported_speed_mps,
        allowed_speed_mps=numbers.allowed_speed_mps,
        fix_before=_evidence(finding.before),
        fix_after=_evidence(finding.after),
    )


class _Numbers(NamedTuple):
    distance_m: float | None = None
    least_distance_m: float | None = None
    elapsed_s: float | None = None
    implied_speed_mps: float | None = None
    reported_speed_mps: float | None = None
    allowed_speed_mps: float | None = None


def _numbers(measure: Measure | None) -> _Numbers:
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
        latitude=round(point.latitude, COARSE_DECIMALS) + 0.0,  # no negative zero
        longitude=round(point.longitude, COARSE_DECIMALS) + 0.0,
    )


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
