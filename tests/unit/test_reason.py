"""Sentences."""

import pytest

from agents.rules.decision.assessment import NO_PLACE, Assessment, RelatedPayments
from agents.rules.decision.card_velocity import CardUse, Conflict, Presence
from agents.rules.decision.decide import Finding
from agents.rules.decision.risk import RiskFactors
from agents.rules.publish.reason import explain, format_distance
from tests.support.phone import judged, point, resting, spot


def said(finding: Finding, context: RelatedPayments = NO_PLACE.context) -> str:
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
