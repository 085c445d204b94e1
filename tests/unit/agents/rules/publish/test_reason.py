"""Reason: the sentences of verdicts."""

import pytest

from agents.rules.decision.assessment import NO_PLACE, Assessment, RelatedPayments
from agents.rules.decision.card_velocity import CardUse, Conflict, Presence
from agents.rules.decision.decide import Finding
from agents.rules.decision.risk import RiskFactors
from agents.rules.publish.reason import explain
from agents.rules.publish.wording import format_distance
from tests.support.card import NO_FACTORS, use
from tests.support.phone import judged, location, point, resting


def sentence(finding: Finding, related: RelatedPayments = NO_PLACE.related) -> str:
    return explain(Assessment(finding, related, RiskFactors(0, 0, 0)))


def test_a_clear_verdict_explains_that_the_cardholder_could_have_been_there() -> None:
    assert sentence(judged([point(-90, 60)], location())) == (
        "The phone was 60 m from the place 90 s before the payment; the holder could have been there."
    )


def test_a_suspect_verdict_names_the_reachable_distance() -> None:
    assert sentence(judged([point(600, 500_000)], location())) == (
        "The phone was 500 km from the place 10 min after the payment; "
        "the holder could have covered at most 160 km in that time, clock error included."
    )


def test_a_suspect_of_both_sides_explains_that_time_was_too_short_for_the_way() -> None:
    assert sentence(judged(resting(-60, 60), location(500))) == (
        "The phone was 500 m from the place at the time of the payment; "
        "there was not enough time to go to the place and on to where the phone was next."
    )


def test_a_card_velocity_verdict_names_distance_and_time_of_the_other_payment() -> None:
    before = CardUse(b"a", b"card", location(), Presence.OPEN)
    related = RelatedPayments(Conflict(before, 400_000.0, 399_600.0, 300.0, 60_400.0))
    assert sentence(judged([], location()), related) == (
        "The card was used 400 km away 5 min before; "
        "nobody could have covered more than 60.4 km in that time, clock errors included."
    )


def test_a_not_evaluable_verdict_explains_its_code() -> None:
    assert sentence(judged([], location())) == (
        "Not evaluable: nothing usable is known of the phone around the payment."
    )
    assert sentence(judged([point(-1, accuracy_m=9_000)], location())).startswith(
        "Not evaluable: the phone's fixes are too"
    )


@pytest.mark.parametrize(
    ("distance_m", "written"), [(0.4, "0 m"), (999, "999 m"), (1500, "1.5 km"), (123_456, "123 km")]
)
def test_distances_are_formatted_as_people_write_them(distance_m: float, written: str) -> None:
    assert format_distance(distance_m) == written


# boundaries


@pytest.mark.parametrize(
    ("distance_m", "written"),
    [(999.4, "999 m"), (1_000, "1.0 km"), (99_940, "99.9 km"), (100_000, "100 km"), (2_500_400, "2500 km")],
)
def test_a_distance_has_the_largest_unit_below_it(distance_m: float, written: str) -> None:
    assert format_distance(distance_m) == written


@pytest.mark.parametrize(
    ("seconds", "when"),
    [
        (-0.9, "at the time of the payment"),
        (0.9, "at the time of the payment"),
        (-1, "1 s before the payment"),
        (1, "1 s after the payment"),
        (-119, "119 s before the payment"),
        (-120, "2 min before the payment"),
        (-7_199, "120 min before the payment"),
        (-7_200, "2.0 h before the payment"),
        (9_000, "2.5 h after the payment"),
    ],
)
def test_a_duration_has_the_largest_unit_with_at_least_two_of_it(seconds: float, when: str) -> None:
    sentence = explain(Assessment(judged([point(seconds, 50)], location()), RelatedPayments(), NO_FACTORS))
    assert sentence == f"The phone was 50 m from the place {when}; the holder could have been there."


def test_the_phone_explains_a_payment_that_phone_and_card_both_accuse() -> None:
    conflict = Conflict(use("a", 0, 0), 400_000.0, 399_000.0, 60.0, 20_000.0)
    suspect = judged(resting(-120, 0), location(500_000))
    sentence = explain(Assessment(suspect, RelatedPayments(conflict), NO_FACTORS))
    assert sentence.startswith(
        "The phone was 500 km from the place at the time of the payment; the holder could have covered"
    )


def test_a_not_evaluable_finding_is_explained_without_numbers() -> None:
    vague = judged([point(-1, accuracy_m=9_000.0)], location())
    assert vague.measurement is not None
    assert explain(Assessment(vague, RelatedPayments(), NO_FACTORS)).startswith("Not evaluable: ")


def test_the_sentence_of_both_sides_holds_up_to_exactly_the_reach() -> None:
    suspect = judged([point(600, 500_000)], location())
    assert suspect.measurement is not None
    for least_m, part in (
        (suspect.measurement.reach_m, "not enough time"),
        (suspect.measurement.reach_m + 1, "at most"),
    ):
        finding = suspect._replace(measurement=suspect.measurement._replace(least_distance_m=least_m))
        assert part in explain(Assessment(finding, RelatedPayments(), NO_FACTORS))
