"""Distances."""

import pytest

from agents.rules.geo import HALF_ROUND_EARTH_M, degrees_within, distance_m


def test_a_degree_of_latitude_is_111_kilometres() -> None:
    assert distance_m(0, 0, 1, 0) == pytest.approx(111_195, abs=1)


def test_the_way_across_the_antimeridian_is_the_short_one() -> None:
    assert distance_m(0, 179.9, 0, -179.9) == pytest.approx(22_239, abs=1)


def test_at_the_pole_longitude_does_not_matter() -> None:
    assert {round(distance_m(90, longitude, 50, 10)) for longitude in (0, 90, -180, 180)} == {
        round(distance_m(90, 10, 50, 10))
    }


@pytest.mark.parametrize("latitude", [0.0, 12.3456789, 37.335816, 45.0, 89.999999])
def test_antipodes_are_half_the_earth_apart(latitude: float) -> None:
    for longitude in (0.0, 10.1, -121.89513, 77.7777777):
        opposite = longitude - 180 if longitude > 0 else longitude + 180
        assert distance_m(latitude, longitude, -latitude, opposite) == pytest.approx(HALF_ROUND_EARTH_M, rel=1e-6)


def test_minus_zero_is_zero() -> None:
    assert distance_m(-0.0, 0.0, 0.0, -0.0) == 0


def test_the_cheap_test_for_near_holds_where_a_degree_is_longest() -> None:
    assert distance_m(89.0, 0, 89.0 + degrees_within(1000), 0) <= 1000
