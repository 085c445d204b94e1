"""Places of a simulation and distances between them."""

import pytest

from agents.rules.geo import distance_m
from app.simulate.place import CITIES, Place, moved


@pytest.mark.parametrize("away_m", [10.0, 6_000.0, 800_000.0])
@pytest.mark.parametrize("bearing", [0.0, 45.0, 200.0])
@pytest.mark.parametrize("city", CITIES)
def test_a_moved_place_lies_at_the_given_distance(city: Place, away_m: float, bearing: float) -> None:
    there = moved(city, away_m, bearing)
    assert distance_m(*city, *there) == pytest.approx(away_m, rel=0.001)
    assert -180 <= there.longitude <= 180
