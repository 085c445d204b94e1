"""Reason: the sentences of verdicts."""

import pytest

from agents.rules.decision.assessment import NO_PLACE, Assessment, RelatedPayments
from agents.rules.decision.card_velocity import CardUse, Conflict, Presence
from agents.rules.decision.decide import Finding
from agents.rules.decision.risk import RiskFactors
from agents.rules.publish.reason import explain
from agents.rules.publish.wording import format_distance
from tests.support.card import NO_FACTORS, use
from tests.support.phone import judged, point, resting, spot


def said(finding: Finding, context: RelatedPayments = NO_PLACE.related) -> str:
    return explain(Assessment(finding, context, RiskFactors(0, 0, 0)))


def test_a_clear_verdict_says_that_the_holder_could_have_been_there() -> None:
    assert said(judged([point(-90, 60)], spot())) == (
        "The phone was 60 m from the place 90 s before the payment; the holder could have been there."
    )


def test_a_suspicion_says_how_far_anyone_could_have_come() -> None:
    assert said(judged([point(600, 500_000)], spot())) == (
        "The phone was 500 km from the place 10 min after the payment; "
        "the holder could have covered at most 160 km in that time, clock error included."
    )


def test_a_suspicion_of_both_sides_says_that_there_was_no_time_to_go_and_come_back() -> None:
    assert said(judged(resting(-60, 60), spot(500))) == (
        "The phone was 500 m from the place at the time of the payment; "
        "there was not enough time to go to the place and on to where the phone was next."
    )


def test_a_card_used_twice_says_where_and_when_it_was_before() -> None:
    before = CardUse(b"a", b"card", spot(), Presence.OPEN)
    context = RelatedPayments(Conflict(before, 400_000.0, 399_600.0, 300.0, 60_400.0))
    assert said(judged([], spot()), context) == (
        "The card was used 400 km away 5 min before; "
        "nobody could have covered more than 60.4 km in that time, clock errors included."
    )


def test_what_could_not_be_judged_says_why() -> None:
    assert said(judged([], spot())) == ("Not evaluable: nothing usable is known of the phone around the payment.")
    assert said(judged([point(-1, accuracy_m=9_000)], spot())).startswith("Not evaluable: the phone's fixes are too")


@pytest.mark.parametrize(
    ("distance_m", "written"), [(0.4, "0 m"), (999, "999 m"), (1500, "1.5 km"), (123_456, "123 km")]
)
def test_distances_read_as_people_write_them(distance_m: float, written: str) -> None:
    assert format_distance(distance_m) == written


# boundaries


@pytest.mark.parametrize(
    ("distance_m", "written"),
    [(999.4, "999 m"), (1_000, "1.0 km"), (99_940, "99.9 km"), (100_000, "100 km"), (2_500_400, "2500 km")],
)
def test_a_distance_is_written_in_the_unit_it_is_at_least_one_of(distance_m: float, written: str) -> None:
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
def test_a_time_is_written_in_the_unit_it_is_at_least_two_of(seconds: float, when: str) -> None:
    said = explain(Assessment(judged([point(seconds, 50)], spot()), RelatedPayments(), NO_FACTORS))
    assert said == f"The phone was 50 m from the place {when}; the holder could have been there."


def test_a_phone_that_contradicts_by_itself_is_what_is_told_also_where_a_card_does_too() -> None:
    conflict = Conflict(use("a", 0, 0), 400_000.0, 399_000.0, 60.0, 20_000.0)
    suspect = judged(resting(-120, 0), spot(500_000))
    said = explain(Assessment(suspect, RelatedPayments(conflict), NO_FACTORS))
    assert said.startswith(
        "The phone was 500 km from the place at the time of the payment; the holder could have covered"
    )


def test_a_finding_that_decides_nothing_is_not_told_in_numbers() -> None:
    vague = judged([point(-1, accuracy_m=9_000.0)], spot())
    assert vague.measurement is not None
    assert explain(Assessment(vague, RelatedPayments(), NO_FACTORS)).startswith("Not evaluable: ")


def test_a_suspicion_is_of_both_sides_up_to_exactly_what_could_have_been_covered() -> None:
    suspect = judged([point(600, 500_000)], spot())
    assert suspect.measurement is not None
    for least_m, told in (
        (suspect.measurement.reach_m, "not enough time"),
        (suspect.measurement.reach_m + 1, "at most"),
    ):
        finding = suspect._replace(measurement=suspect.measurement._replace(least_distance_m=least_m))
        assert told in explain(Assessment(finding, RelatedPayments(), NO_FACTORS))
