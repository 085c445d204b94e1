"""Distances on the Earth."""

import pytest

from agents.rules import geo
from agents.rules.decision.kinematics import reach_m, time_to_cover_s
from agents.rules.geo import HALF_ROUND_EARTH_M, degrees_within, distance_m
from agents.rules.parameters import DEFAULT


def test_a_degree_of_latitude_is_111_kilometres() -> None:
    assert distance_m(0, 0, 1, 0) == pytest.approx(111_195, abs=1)


def test_the_distance_across_the_antimeridian_is_the_short_one() -> None:
    assert distance_m(0, 179.9, 0, -179.9) == pytest.approx(22_239, abs=1)


def test_longitude_does_not_matter_at_the_pole() -> None:
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


def test_degrees_within_holds_where_a_degree_is_longest() -> None:
    assert distance_m(89.0, 0, 89.0 + degrees_within(1000), 0) <= 1000


# boundaries


def test_the_constants_of_the_earth() -> None:
    assert geo.degrees_within(111_700.0) == 1.0
    assert pytest.approx(20_015_114, abs=1) == geo.HALF_ROUND_EARTH_M


def test_a_rounding_error_of_the_library_means_antipodes(monkeypatch: pytest.MonkeyPatch) -> None:
    def raises(*_: object, **__: object) -> float:
        raise ValueError("math domain error")

    monkeypatch.setattr(geo, "haversine", raises)
    assert geo.distance_m(1.0, 2.0, -1.0, -178.0) == geo.HALF_ROUND_EARTH_M


def test_a_traveller_above_the_top_speed_slows_to_it() -> None:
    assert reach_m(300.0, 10.0, DEFAULT) == 2_780.0
    assert time_to_cover_s(2_780.0, 300.0, DEFAULT) == 10.0
