"""Motion of simulated travellers."""

from itertools import pairwise
from random import Random

import pytest

from agents.rules.geo import distance_m
from app.simulate.motion import CAR_IN_TOWN, CAR_ON_ROAD, PLANE, TRAIN, WALKING, Motion, Vehicle
from app.simulate.place import Place
from tests.support.simulated import PARIS

FASTEST_MPS = {WALKING: 3, CAR_IN_TOWN: 20, CAR_ON_ROAD: 40, TRAIN: 85, PLANE: 255}


@pytest.mark.parametrize("vehicle", FASTEST_MPS, ids=["feet", "town", "road", "train", "plane"])
@pytest.mark.parametrize("seed", range(3))
def test_a_traveller_moves_at_the_speed_of_the_path(vehicle: Vehicle, seed: int) -> None:
    motion = Motion(PARIS, Random(seed))
    motion.travel(vehicle, 900)
    speeds_mps = motion.path.speeds_mps
    for second, (before_mps, now_mps) in enumerate(pairwise(speeds_mps)):
        assert distance_m(*motion.path.at(second), *motion.path.at(second + 1)) == pytest.approx(
            now_mps, rel=0.01, abs=0.1
        )
        assert -vehicle.brake_mps2 - 1e-9 <= now_mps - before_mps <= vehicle.gain_mps2 + 1e-9
    assert speeds_mps[0] == speeds_mps[-1] == 0
    assert 0.5 * FASTEST_MPS[vehicle] < max(speeds_mps) < FASTEST_MPS[vehicle]


def test_a_traveller_never_passes_a_pole() -> None:
    for seed in range(20):
        motion = Motion(Place(79.0, 20.0), Random(seed))
        motion.travel(PLANE, 4000)
        assert all(-81 < latitude < 81 for latitude in motion.path.latitudes)
