"""Noise of a simulation: outliers and fake fixes."""

from collections import Counter
from random import Random

from agents.rules.geo import distance_m
from app.simulate.noise import fake_locations, outliers
from tests.support.simulated import PARIS, simulated_fixes


def test_outliers_are_single_fixes_some_40_km_off_that_claim_ten_metres() -> None:
    true, changed = simulated_fixes(), outliers(simulated_fixes(), Random(1))
    odd = [(was, now) for was, now in zip(true, changed, strict=True) if was != now]
    assert 2 <= len(odd) <= 5
    for was, now in odd:
        off_m = distance_m(was.fix.latitude, was.fix.longitude, now.fix.latitude, now.fix.longitude)
        assert 29_000 < off_m < 51_000
        assert (now.fix.horizontal_accuracy_m, now.sound) == (10.0, False)


def test_fake_fixes_are_of_every_kind_and_never_count_as_true() -> None:
    true, changed = simulated_fixes(), fake_locations(simulated_fixes(), Random(1))
    kinds = Counter[str]()
    for was, now in zip(true, changed, strict=True):
        assert now.sound is (was == now)
        kinds["mock"] += now.fix.mock is True
        kinds["null island"] += now.fix.latitude == now.fix.longitude == 0
        kinds["future"] += now.fix.at_ms == was.fix.at_ms + 3_600_000
    assert min(kinds.values()) >= 1
    assert 40 < kinds["mock"] < 80
    first = changed[0].fix
    assert (first.at_ms, first.mock) == (true[0].at_ms, None)
    assert distance_m(first.latitude, first.longitude, *PARIS) > 400
