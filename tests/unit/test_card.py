"""Card against card."""

import pytest

from agents.rules.decision.card_velocity import CardUse, Presence, conflicts
from agents.rules.parameters import DEFAULT, PAPER
from tests.support.phone import spot


def use(name: str, metres: float, seconds: float, standing: Presence = Presence.OPEN, card: str = "card") -> CardUse:
    return CardUse(name.encode(), card.encode(), spot(metres, seconds), standing)


def accused(*uses: CardUse) -> list[str]:
    return sorted(name.decode() for name in conflicts(uses, DEFAULT))


@pytest.mark.parametrize(
    ("metres", "seconds", "conflict"),
    [
        (500, 0, False),  # two tills of one shopping street, clocks off
        (8_000, 0, False),  # a fast train between two badly kept clocks
        (50_000, 0, True),
        (50_000, 600, False),
        (400_000, 600, True),
        (400_000, 3_600, False),
        (15_000_000, 35_000, True),
        (15_000_000, 36_001, False),  # too long ago to be compared
    ],
)
def test_two_payments_contradict_each_other_when_nobody_could_have_made_both(
    metres: float, seconds: float, conflict: bool
) -> None:
    assert accused(use("a", 0, 0), use("b", metres, seconds)) == (["b"] if conflict else [])
    assert accused(use("b", metres, seconds), use("a", 0, 0)) == (["b"] if conflict else [])


def test_a_suspect_casts_no_doubt_on_the_payments_after_it() -> None:
    assert accused(use("a", 0, 0), use("thief", 400_000, 60), use("b", 100, 120)) == ["thief"]
    assert accused(use("thief", 400_000, 0, Presence.ABSENT), use("b", 100, 120)) == []


def test_a_payment_beside_its_phone_is_beyond_doubt() -> None:
    assert accused(use("thief", 400_000, 0), use("holder", 0, 60, Presence.PRESENT)) == []
    assert accused(use("holder", 0, 0, Presence.PRESENT), use("thief", 400_000, 60)) == ["thief"]


def test_after_a_payment_beside_the_phone_nothing_before_it_counts() -> None:
    thief, holder = use("thief", 400_000, 0), use("holder", 0, 60, Presence.PRESENT)
    assert accused(thief, holder, use("next", 100, 120)) == []
    assert accused(thief, use("far", 400_100, 60), use("next", 100, 120)) == ["next"]


def test_cards_are_compared_with_themselves_alone() -> None:
    assert accused(use("a", 0, 0), use("b", 400_000, 60, card="other")) == []


def test_places_are_granted_the_uncertainty_they_state() -> None:
    vague = use("b", 50_000, 0)
    vague = CardUse(vague.id, vague.card, vague.spot._replace(uncertainty_m=20_000.0), vague.standing)
    assert accused(use("a", 0, 0), vague) == []


def test_a_conflict_says_with_what_and_by_how_much() -> None:
    found = conflicts([use("a", 0, 0), use("b", 400_000, 600)], DEFAULT)[b"b"]
    assert (found.other.id, found.elapsed_s) == (b"a", 600.0)
    assert found.distance_m == pytest.approx(400_000, rel=1e-3)
    assert found.reach_m < found.least_distance_m < found.distance_m


def test_the_published_rule_compares_no_cards() -> None:
    assert conflicts([use("a", 0, 0), use("b", 400_000, 60)], PAPER) == {}
