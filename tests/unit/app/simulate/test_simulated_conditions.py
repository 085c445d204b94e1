"""Conditions of a simulation: each does what its name says, and its labels are true."""

from collections import Counter
from itertools import pairwise
from random import Random

import pytest

from agents.rules.geo import distance_m
from app.simulate.conditions import CONDITIONS
from app.simulate.ground_truth import is_possible
from app.simulate.network import LATEST_MS, delayed, on_time
from app.simulate.noise import fake_locations, outliers
from app.simulate.place import Place
from tests.support.simulated import PARIS, fixes_of, session, session_generator, simulated_fixes


def test_on_time_pushes_arrive_in_order_within_seconds() -> None:
    for seed in range(5):
        parcels = on_time(simulated_fixes(), Random(seed))
        assert [sighting for parcel in parcels for sighting in parcel.sightings] == simulated_fixes()
        assert all(0 < parcel.arrives_ms - parcel.sightings[-1].at_ms < 2_000 for parcel in parcels)


def test_delayed_pushes_arrive_in_any_order_up_to_an_hour_late() -> None:
    parcels = delayed(simulated_fixes(), Random(1))
    delays_ms = [parcel.arrives_ms - parcel.sightings[-1].at_ms for parcel in parcels]
    assert 3_000_000 < max(delays_ms) <= LATEST_MS
    assert min(delays_ms) >= 0
    moments = [parcel.sightings[0].at_ms for parcel in sorted(parcels)]
    assert moments != sorted(moments)
    assert {sighting for parcel in parcels for sighting in parcel.sightings} == set(simulated_fixes())
    assert 1.1 < len(moments) / len(set(moments)) < 1.2


def test_outliers_are_single_fixes_some_40_km_off_that_claim_ten_metres() -> None:
    true, spoilt = simulated_fixes(), outliers(simulated_fixes(), Random(1))
    odd = [(was, now) for was, now in zip(true, spoilt, strict=True) if was != now]
    assert 2 <= len(odd) <= 5
    for was, now in odd:
        off_m = distance_m(was.fix.latitude, was.fix.longitude, now.fix.latitude, now.fix.longitude)
        assert 29_000 < off_m < 51_000
        assert (now.fix.horizontal_accuracy_m, now.sound) == (10.0, False)


def test_fake_fixes_are_of_every_kind_and_never_count_as_true() -> None:
    true, spoilt = simulated_fixes(), fake_locations(simulated_fixes(), Random(1))
    kinds = Counter[str]()
    for was, now in zip(true, spoilt, strict=True):
        assert now.sound is (was == now)
        kinds["mock"] += now.fix.mock is True
        kinds["null island"] += now.fix.latitude == now.fix.longitude == 0
        kinds["future"] += now.fix.at_ms == was.fix.at_ms + 3_600_000
    assert min(kinds.values()) >= 1
    assert 40 < kinds["mock"] < 80
    first = spoilt[0].fix
    assert (first.at_ms, first.mock) == (true[0].at_ms, None)
    assert distance_m(first.latitude, first.longitude, *PARIS) > 400


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


@pytest.mark.parametrize("condition", [name for name in CONDITIONS if name != "shop 80-250 m off"])
def test_the_ground_truth_allows_honest_payments(condition: str) -> None:
    """Except where shops are up to 250 m off, since the tolerance of a place is 100 m."""
    honest = impossible = 0
    for seed in range(12):
        played = session_generator(condition, seed)
        for paid in played.session().paid:
            if not paid.label.impossible:
                place = Place(paid.record["latitude"], paid.record["longitude"])
                honest += 1
                impossible += not is_possible(place, paid.stated_ms / 1000, played.witnesses)
    assert honest > 100
    assert impossible / honest < 0.001


def test_the_ground_truth_excludes_thefts() -> None:
    for condition in CONDITIONS:
        played = session_generator(condition)
        thefts = [paid for paid in played.session().paid if paid.label.stolen]
        places = [Place(paid.record["latitude"], paid.record["longitude"]) for paid in thefts]
        assert thefts
        assert all(paid.label.impossible for paid in thefts)
        for place, paid in zip(places, thefts, strict=True):
            assert not is_possible(place, paid.stated_ms / 1000, played.witnesses), condition
