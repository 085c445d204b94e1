"""The GNSS model of a simulation, compared with recorded drives."""

from collections import Counter
from random import Random

import pytest

from agents.rules.geo import distance_m
from app.simulate.gnss_model import STEADY, WANDERING, GnssReceiver, ReceiverQuality
from app.simulate.place import CITIES
from app.simulate.scenarios import driving
from tests.support.make import NOON_MS
from tests.support.simulated import PARIS
from tests.support.tracks import PERCENTILES, RECORDED, measure


def test_a_driving_phone_resembles_the_recorded_drives() -> None:
    tracks = []
    for seed in range(24):
        chance = Random(seed)
        path = driving(CITIES[seed % len(CITIES)], 1200, chance).phone
        receiver = GnssReceiver((STEADY, STEADY, WANDERING)[seed % 3], chance)
        tracks.append([receiver.observe(path, second, NOON_MS).fix for second in range(len(path))])
    simulated = measure(tracks)
    print("percentiles", PERCENTILES, "recorded, simulated")
    for quantity, recorded in RECORDED.items():
        print(quantity, recorded, tuple(round(value, 2) for value in simulated[quantity]))
        # Within a factor of 1.5: the recorded tracks differ from each other by more than that.
        assert simulated[quantity] == pytest.approx(recorded, rel=0.5, abs=0.1), quantity


@pytest.mark.parametrize("quality", [STEADY, WANDERING], ids=["steady", "wandering"])
def test_most_fixes_are_as_exact_as_they_claim(
    quality: ReceiverQuality,
) -> None:
    shares = Counter[str]()
    for seed in range(40):
        chance = Random(seed)
        path = driving(PARIS, 900, chance).phone
        receiver = GnssReceiver(quality, chance)
        for second in range(0, 900, 10):
            fix = receiver.observe(path, second, NOON_MS).fix
            claim_m = fix.horizontal_accuracy_m
            if claim_m is not None and claim_m > 0:
                off_m = distance_m(fix.latitude, fix.longitude, *path.at(second))
                shares.update({"all": 1, "within one": off_m <= claim_m, "within three": off_m <= 3 * claim_m})
    assert 0.6 < shares["within one"] / shares["all"] < 0.8
    assert shares["within three"] / shares["all"] > 0.98
