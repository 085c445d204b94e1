"""Verdict: a finding as it is published, with its evidence coarsened."""

import msgspec

from agents.rules.decide import Finding
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
    """The verdict. Equal arguments give equal bytes; numbers are rounded to what they can mean."""
    measure = finding.measure
    return Verdict(
        **msgspec.structs.asdict(payment),
        verdict=finding.outcome,
        status=status,
        revision=revision,
        codes=finding.codes,
        reason=sentence(finding),
        rule=rule,
        distance_m=_rounded(measure and measure.distance_m, 2),
        least_distance_m=_rounded(measure and measure.least_distance_m, 2),
        elapsed_s=_rounded(measure and measure.elapsed_s, 6),
        implied_speed_mps=_rounded(measure and measure.implied_speed_mps, 3),
        reported_speed_mps=measure and measure.reported_speed_mps,
        allowed_speed_mps=_rounded(measure and measure.allowed_speed_mps, 3),
        fix_before=_evidence(finding.before),
        fix_after=_evidence(finding.after),
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
