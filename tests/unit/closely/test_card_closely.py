"""Card, at the edges: where a change of one sign or number would show."""

import pytest

from agents.rules.decision.card_velocity import Presence, conflicts
from agents.rules.parameters import DEFAULT
from tests.support.card import use


def test_a_conflict_says_what_was_granted_to_places_and_clocks() -> None:
    """83 + 1 m/s at the start, 60 s between and twice 30 s for the clocks; three sigmas of both places."""
    found = conflicts([use("a", 0, 0), use("b", 200_000, 60, uncertainty_m=120.0)], DEFAULT)[b"b"]
    gaining_s = (278.0 - 84.0) / 2.5
    assert found.reach_m == pytest.approx(84 * gaining_s + 1.25 * gaining_s**2 + 278 * (120 - gaining_s))
    assert found.distance_m - found.least_distance_m == pytest.approx(3 * 150.0)


def test_payments_of_ten_hours_ago_are_compared_and_none_older() -> None:
    assert conflicts([use("a", 0, 0), use("b", 15_000_000, 36_000)], DEFAULT)
    assert not conflicts([use("a", 0, 0), use("b", 15_000_000, 36_000.000001)], DEFAULT)


def test_of_several_earlier_payments_the_nearest_that_rules_it_out_is_named() -> None:
    found = conflicts([use("a", 0, 0), use("b", 100, 10), use("c", 400_000, 60)], DEFAULT)
    assert found[b"c"].other.id == b"b"


def test_a_vague_payment_in_between_does_not_hide_an_earlier_one() -> None:
    found = conflicts([use("a", 0, 0), use("b", 0, 10, uncertainty_m=200_000.0), use("c", 400_000, 60)], DEFAULT)
    assert found[b"c"].other.id == b"a"


def test_standings_are_kept_in_cells_as_these_numbers() -> None:
    assert (int(Presence.OPEN), int(Presence.PRESENT), int(Presence.ABSENT)) == (0, 1, 2)


def test_payments_of_one_moment_count_in_order_of_their_ids() -> None:
    for uses in ([use("a", 0, 0), use("b", 50_000, 0)], [use("b", 50_000, 0), use("a", 0, 0)]):
        assert list(conflicts(uses, DEFAULT)) == [b"b"]
