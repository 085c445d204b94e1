"""Conditions of a simulation: each does what its name says, and its labels are true."""

from collections import Counter
from itertools import pairwise

import pytest

from app.simulate.conditions import CONDITIONS
from app.simulate.ground_truth import is_possible
from app.simulate.place import Place
from tests.support.simulated import fixes_of, session, session_generator


def test_each_condition_does_what_its_name_says() -> None:
    def steps_s(condition: str) -> Counter[int]:
        moments = sorted({fix.at_ms // 1000 for fix in fixes_of(session(condition))})
        return Counter(second - first for first, second in pairwise(moments))

    assert set(steps_s("live 1 Hz")) == {1}
    assert set(steps_s("every 30 s")) == {30}
    assert set(steps_s("every 120 s")) == {120}
    for condition, gap_s in (("gap 1 min", 60), ("gap 5 min", 300), ("gap 15 min", 900)):
        gaps = [step for step in steps_s(condition) if step > 1]
        assert gaps
        assert all(0.85 * gap_s < gap < 1.15 * gap_s for gap in gaps)
    assert max(steps_s("flight, phone off")) > 2400
    assert {fix.horizontal_accuracy_m for fix in fixes_of(session("no accuracy field"))} == {None}
    claims_m = [fix.horizontal_accuracy_m for fix in fixes_of(session("poor accuracy")) if fix.horizontal_accuracy_m]
    assert 150 < min(claim for claim in claims_m if claim > 0) < max(claims_m) < 950
    speeds_mps = [fix.speed_mps or 0 for seed in range(3) for fix in fixes_of(session("train", seed))]
    assert max(speeds_mps) > 60


def test_terminals_err_as_their_condition_says() -> None:
    for condition, nearest_m, farthest_m in (("live 1 Hz", 0, 31), ("shop 80-250 m off", 79, 251)):
        away_m = [paid.label.distance_m or 0 for paid in session(condition).paid if not paid.label.impossible]
        assert nearest_m <= min(away_m) <= max(away_m) <= farthest_m
    off_s = [abs(paid.stated_ms - paid.arrives_ms) / 1000 for paid in session("till clock 20 s off").paid]
    assert all(6 < off < 24 for off in off_s)
    assert all(abs(paid.stated_ms - paid.arrives_ms) < 5_001 for paid in session("live 1 Hz").paid)


def test_a_lent_card_and_a_phone_left_at_home_are_honest_but_apart() -> None:
    for condition in ("lent card", "phone left at home"):
        labels = [paid.label for seed in range(4) for paid in session(condition, seed).paid]
        kinds = Counter((label.impossible, label.stolen) for label in labels)
        assert min(kinds[True, False], kinds[True, True], kinds[False, False]) > 5
        assert kinds[False, True] == 0
        assert all((label.distance_m or 0) >= 299 for label in labels if label.impossible)
        assert all((label.distance_m or 0) <= 95 for label in labels if not label.impossible)


@pytest.mark.slow
@pytest.mark.parametrize("condition", [name for name in CONDITIONS if name != "shop 80-250 m off"])
def test_the_ground_truth_allows_honest_payments(condition: str) -> None:
    """Except where shops are up to 250 m off, since the tolerance of a place is 100 m."""
    honest = impossible = 0
    for seed in range(12):
        generator = session_generator(condition, seed)
        for paid in generator.session().paid:
            if not paid.label.impossible:
                place = Place(paid.record["latitude"], paid.record["longitude"])
                honest += 1
                impossible += not is_possible(place, paid.stated_ms / 1000, generator.nearby_fixes)
    assert honest > 100
    assert impossible / honest < 0.001


def test_the_ground_truth_excludes_thefts() -> None:
    for condition in CONDITIONS:
        generator = session_generator(condition)
        thefts = [paid for paid in generator.session().paid if paid.label.stolen]
        places = [Place(paid.record["latitude"], paid.record["longitude"]) for paid in thefts]
        assert thefts
        assert all(paid.label.impossible for paid in thefts)
        for place, paid in zip(places, thefts, strict=True):
            assert not is_possible(place, paid.stated_ms / 1000, generator.nearby_fixes), condition
