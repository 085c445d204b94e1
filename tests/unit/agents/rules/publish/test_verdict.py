"""Verdict: an assessment as it is published."""

import msgspec

from agents.rules.decision import decide
from agents.rules.decision.assessment import Assessment, RelatedPayments
from agents.rules.decision.card_velocity import Conflict
from agents.rules.decision.episode import Episode
from agents.rules.decision.payment_location import PaymentLocation
from agents.rules.decision.risk import RiskFactors
from agents.rules.evidence.full_track import FullTrack
from agents.rules.parameters import DEFAULT, PAPER, RuleParameters
from agents.rules.publish import verdict
from schemas.verdict import MaskedPayment, MerchantLocation, RiskParts, Status, Verdict
from tests.support import make as record
from tests.support.card import NO_FACTORS, use
from tests.support.make import HOME, NOON_MS
from tests.support.phone import judged, location, point, track_point


def masked_payment() -> MaskedPayment:
    return MaskedPayment(**{name: getattr(record.verdict(), name) for name in MaskedPayment.__struct_fields__})


def published(assessment: Assessment, parameters: RuleParameters = DEFAULT) -> Verdict:
    return verdict.compose(masked_payment(), assessment, parameters, Status.FINAL, 3)


def test_a_verdict_names_the_rule_the_parameters_and_the_parameter_set() -> None:
    rule = verdict.rule_of(PAPER)
    assert (rule.name, rule.preset, rule.parameter_set) == ("card-against-phone", "paper", PAPER.set_id)
    assert "name" not in rule.parameters
    assert "last_fix_only" not in rule.parameters
    assert (rule.parameters["sigmas"], rule.parameters["top_speed_mps"], rule.parameters["vague_from_m"]) == (
        0,
        None,
        None,
    )
    assert verdict.rule_of(DEFAULT).parameters["top_speed_mps"] == 278.0


def test_numbers_are_rounded_to_their_precision_and_positions_to_a_kilometre() -> None:
    fix = track_point(NOON_MS - 7_000, 12.3456789, -0.001, accuracy_m=8.26, speed_mps=1.234)
    finding = decide.decide(PaymentLocation(12.35, 0.0, None, NOON_MS * 1000), FullTrack([fix]), DEFAULT)
    measurement = decide.Measurement(True, 1.23456, 0.98765, 7.0000124, 3.33333, 1.23)
    shown = published(Assessment(finding._replace(measurement=measurement), RelatedPayments(), NO_FACTORS))
    assert (shown.distance_m, shown.least_distance_m, shown.elapsed_s) == (1.23, 0.99, 7.000012)
    assert (shown.implied_speed_mps, shown.allowed_speed_mps, shown.reported_speed_mps) == (0.141, 0.476, 1.23)
    assert shown.fix_before is not None
    assert msgspec.structs.asdict(shown.fix_before) == {
        "at": "2026-11-21T11:59:53.000Z",
        "horizontal_accuracy_m": 8.3,
        "speed_mps": 1.23,
        "latitude": 12.35,
        "longitude": 0.0,
    }
    assert str(shown.fix_before.longitude) == "0.0"
    assert (shown.fix_after, shown.other_payment, shown.status, shown.revision) == (None, None, Status.FINAL, 3)


def test_a_published_coordinate_is_never_a_negative_zero() -> None:
    fix = track_point(NOON_MS, -0.001, -0.001)
    shown = published(
        Assessment(judged([fix], PaymentLocation(0.0, 0.0, None, NOON_MS * 1000)), RelatedPayments(), NO_FACTORS)
    ).fix_before
    assert shown is not None
    assert (str(shown.latitude), str(shown.longitude)) == ("0.0", "0.0")


def test_unknown_accuracy_and_speed_are_null() -> None:
    shown = published(
        Assessment(judged([point(-1, accuracy_m=None, speed_mps=None)], location()), RelatedPayments(), NO_FACTORS)
    )
    assert shown.fix_before is not None
    assert (shown.fix_before.horizontal_accuracy_m, shown.fix_before.speed_mps) == (None, None)
    assert (shown.risk, shown.risk_parts, shown.episode_id, shown.episode_number) == (0, None, None, None)
    assert shown.episode_severity is None


def test_a_verdict_without_evidence_has_no_numbers() -> None:
    shown = published(Assessment(judged([], location()), RelatedPayments(), NO_FACTORS))
    numbers = ("distance_m", "least_distance_m", "elapsed_s", "implied_speed_mps", "allowed_speed_mps")
    assert {getattr(shown, name) for name in numbers} == {None}


def test_a_conflict_is_published_with_its_numbers_and_its_episode() -> None:
    conflict = Conflict(use("a", 0, -60), 400_000.126, 399_000.124, 60.0000124, 20_000.126)
    related = RelatedPayments(conflict, Episode(b"\x01\xab", 2, 69))
    shown = published(Assessment(judged([], location()), related, RiskFactors(0, 0, 7)))
    assert shown.other_payment is not None
    assert msgspec.structs.asdict(shown.other_payment) == {
        "timestamp": "2026-11-21T11:59:00.000Z",
        "place": MerchantLocation(*HOME),
        "distance_m": 400_000.13,
        "least_distance_m": 399_000.12,
        "elapsed_s": 60.000012,
        "reach_m": 20_000.13,
    }
    assert shown.risk_parts == RiskParts(contradiction=47, evidence=10, amount=7, repetition=5)
    assert (shown.risk, shown.episode_id, shown.episode_number, shown.episode_severity) == (69, "episode-01ab", 2, 69)
