"""Card velocity: two payments of one card against each other."""

import pytest

from agents.rules.decision.card_velocity import CardUse, Presence, conflicts
from agents.rules.parameters import DEFAULT, PAPER
from tests.support.card import use


def conflicting(*uses: CardUse) -> list[str]:
    return sorted(name.decode() for name in conflicts(uses, DEFAULT))


@pytest.mark.parametrize(
    ("metres", "seconds", "conflict"),
    [
        (500, 0, False),  # two terminals of one shopping street, clocks off
        (8_000, 0, False),  # a fast train, and both clocks off
        (50_000, 0, True),
        (50_000, 600, False),
        (400_000, 600, True),
        (400_000, 3_600, False),
        (15_000_000, 35_000, True),
        (15_000_000, 36_001, False),  # too long ago to be compared
    ],
)
def test_two_payments_conflict_when_nobody_could_have_made_both(metres: float, seconds: float, conflict: bool) -> None:
    assert conflicting(use("a", 0, 0), use("b", metres, seconds)) == (["b"] if conflict else [])
    assert conflicting(use("b", metres, seconds), use("a", 0, 0)) == (["b"] if conflict else [])


def test_a_suspect_casts_no_doubt_on_later_payments() -> None:
    assert conflicting(use("a", 0, 0), use("thief", 400_000, 60), use("b", 100, 120)) == ["thief"]
    assert conflicting(use("thief", 400_000, 0, Presence.ABSENT), use("b", 100, 120)) == []


def test_a_payment_beside_its_phone_is_beyond_doubt() -> None:
    assert conflicting(use("thief", 400_000, 0), use("holder", 0, 60, Presence.PRESENT)) == []
    assert conflicting(use("holder", 0, 0, Presence.PRESENT), use("thief", 400_000, 60)) == ["thief"]


def test_payments_before_one_beside_the_phone_no_longer_count() -> None:
    thief, holder = use("thief", 400_000, 0), use("holder", 0, 60, Presence.PRESENT)
    assert conflicting(thief, holder, use("next", 100, 120)) == []
    assert conflicting(thief, use("far", 400_100, 60), use("next", 100, 120)) == ["next"]


def test_payments_of_different_cards_are_not_compared() -> None:
    assert conflicting(use("a", 0, 0), use("b", 400_000, 60, card="other")) == []


def test_the_stated_uncertainty_of_a_location_is_granted() -> None:
    vague = use("b", 50_000, 0)
    vague = CardUse(vague.id, vague.card, vague.location._replace(uncertainty_m=20_000.0), vague.presence)
    assert conflicting(use("a", 0, 0), vague) == []


def test_a_conflict_names_the_other_payment_and_the_distances() -> None:
    found = conflicts([use("a", 0, 0), use("b", 400_000, 600)], DEFAULT)[b"b"]
    assert (found.other.id, found.elapsed_s) == (b"a", 600.0)
    assert found.distance_m == pytest.approx(400_000, rel=1e-3)
    assert found.reach_m < found.least_distance_m < found.distance_m


def test_the_published_rule_has_no_card_velocity() -> None:
    assert conflicts([use("a", 0, 0), use("b", 400_000, 60)], PAPER) == {}


# boundaries


def test_a_conflict_includes_the_errors_of_locations_and_clocks() -> None:
    """Start at 83 + 1 m/s, 60 s elapsed and twice 30 s of clock error, three standard deviations of both locations."""
    found = conflicts([use("a", 0, 0), use("b", 200_000, 60, uncertainty_m=120.0)], DEFAULT)[b"b"]
    gaining_s = (278.0 - 84.0) / 2.5
    assert found.reach_m == pytest.approx(84 * gaining_s + 1.25 * gaining_s**2 + 278 * (120 - gaining_s))
    assert found.distance_m - found.least_distance_m == pytest.approx(3 * 150.0)


def test_payments_up_to_ten_hours_old_are_compared() -> None:
    assert conflicts([use("a", 0, 0), use("b", 15_000_000, 36_000)], DEFAULT)
    assert not conflicts([use("a", 0, 0), use("b", 15_000_000, 36_000.000001)], DEFAULT)


def test_a_conflict_names_the_latest_earlier_payment_that_rules_it_out() -> None:
    found = conflicts([use("a", 0, 0), use("b", 100, 10), use("c", 400_000, 60)], DEFAULT)
    assert found[b"c"].other.id == b"b"


def test_a_vague_payment_in_between_does_not_hide_an_earlier_one() -> None:
    found = conflicts([use("a", 0, 0), use("b", 0, 10, uncertainty_m=200_000.0), use("c", 400_000, 60)], DEFAULT)
    assert found[b"c"].other.id == b"a"


def test_rows_store_presence_as_these_numbers() -> None:
    assert (int(Presence.OPEN), int(Presence.PRESENT), int(Presence.ABSENT)) == (0, 1, 2)


def test_payments_of_one_moment_count_in_order_of_their_ids() -> None:
    for uses in ([use("a", 0, 0), use("b", 50_000, 0)], [use("b", 50_000, 0), use("a", 0, 0)]):
        assert list(conflicts(uses, DEFAULT)) == [b"b"]
