"""Motion of simulated people, and errors of their phones."""

from collections import Counter
from itertools import pairwise
from random import Random

import pytest

from agents.rules.geo import distance_m
from app.simulate.gnss_model import STEADY, WANDERING, GnssReceiver, ReceiverQuality
from app.simulate.motion import CAR_IN_TOWN, CAR_ON_ROAD, PLANE, TRAIN, WALKING, Motion, Vehicle
from app.simulate.place import CITIES, Place, moved
from app.simulate.scenarios import driving
from tests.support.make import NOON_MS
from tests.support.simulated import PARIS
from tests.support.tracks import PERCENTILES, RECORDED, measure

FASTEST_MPS = {WALKING: 3, CAR_IN_TOWN: 20, CAR_ON_ROAD: 40, TRAIN: 85, PLANE: 255}


@pytest.mark.parametrize("vehicle", FASTEST_MPS, ids=["feet", "town", "road", "train", "plane"])
@pytest.mark.parametrize("seed", range(3))
def test_a_traveller_moves_at_the_recorded_speed(vehicle: Vehicle, seed: int) -> None:
    life = Motion(PARIS, Random(seed))
    life.travel(vehicle, 900)
    speeds_mps = life.path.speeds_mps
    for second, (before_mps, now_mps) in enumerate(pairwise(speeds_mps)):
        assert distance_m(*life.path.at(second), *life.path.at(second + 1)) == pytest.approx(now_mps, rel=0.01, abs=0.1)
        assert -vehicle.brake_mps2 - 1e-9 <= now_mps - before_mps <= vehicle.gain_mps2 + 1e-9
    assert speeds_mps[0] == speeds_mps[-1] == 0
    assert 0.5 * FASTEST_MPS[vehicle] < max(speeds_mps) < FASTEST_MPS[vehicle]


@pytest.mark.parametrize("away_m", [10.0, 6_000.0, 800_000.0])
@pytest.mark.parametrize("bearing", [0.0, 45.0, 200.0])
@pytest.mark.parametrize("city", CITIES)
def test_a_moved_place_lies_at_the_given_distance(city: Place, away_m: float, bearing: float) -> None:
    there = moved(city, away_m, bearing)
    assert distance_m(*city, *there) == pytest.approx(away_m, rel=0.001)
    assert -180 <= there.longitude <= 180


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


def test_a_traveller_never_passes_a_pole() -> None:
    for seed in range(20):
        life = Motion(Place(79.0, 20.0), Random(seed))
        life.travel(PLANE, 4000)
        assert all(-81 < latitude < 81 for latitude in life.path.latitudes)
