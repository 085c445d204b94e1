"""Reason, at the edges: where a change of one sign or number would show."""

import pytest

from agents.rules.decision.assessment import Assessment, RelatedPayments
from agents.rules.decision.card_velocity import Conflict
from agents.rules.publish.reason import explain, format_distance
from tests.support.card import NO_WEIGHT, use
from tests.support.phone import judged, point, resting, spot


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
    said = explain(Assessment(judged([point(seconds, 50)], spot()), RelatedPayments(), NO_WEIGHT))
    assert said == f"The phone was 50 m from the place {when}; the holder could have been there."


def test_a_phone_that_contradicts_by_itself_is_what_is_told_also_where_a_card_does_too() -> None:
    conflict = Conflict(use("a", 0, 0), 400_000.0, 399_000.0, 60.0, 20_000.0)
    suspect = judged(resting(-120, 0), spot(500_000))
    said = explain(Assessment(suspect, RelatedPayments(conflict), NO_WEIGHT))
    assert said.startswith(
        "The phone was 500 km from the place at the time of the payment; the holder could have covered"
    )


def test_a_finding_that_decides_nothing_is_not_told_in_numbers() -> None:
    vague = judged([point(-1, accuracy_m=9_000.0)], spot())
    assert vague.measure is not None
    assert explain(Assessment(vague, RelatedPayments(), NO_WEIGHT)).startswith("Not evaluable: ")


def test_a_suspicion_is_of_both_sides_up_to_exactly_what_could_have_been_covered() -> None:
    suspect = judged([point(600, 500_000)], spot())
    assert suspect.measure is not None
    for least_m, told in ((suspect.measure.reach_m, "not enough time"), (suspect.measure.reach_m + 1, "at most")):
        finding = suspect._replace(measure=suspect.measure._replace(least_distance_m=least_m))
        assert told in explain(Assessment(finding, RelatedPayments(), NO_WEIGHT))
