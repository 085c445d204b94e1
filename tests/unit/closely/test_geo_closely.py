"""Geo and reach, at the edges: where a change of one sign or number would show."""

import pytest

from agents.rules import geo
from agents.rules.decision.kinematics import reach_m, time_to_cover_s
from agents.rules.parameters import DEFAULT


def test_a_kilometre_is_so_many_degrees_and_half_the_earth_is_the_furthest() -> None:
    assert geo.degrees_within(111_700.0) == 1.0
    assert pytest.approx(20_015_114, abs=1) == geo.HALF_ROUND_EARTH_M


def test_where_rounding_leaves_no_distance_places_are_antipodes(monkeypatch: pytest.MonkeyPatch) -> None:
    def raises(*_: object, **__: object) -> float:
        raise ValueError("math domain error")

    monkeypatch.setattr(geo, "haversine", raises)
    assert geo.distance_m(1.0, 2.0, -1.0, -178.0) == geo.HALF_ROUND_EARTH_M


def test_who_starts_above_the_top_speed_gains_nothing_and_keeps_to_it() -> None:
    assert reach_m(300.0, 10.0, DEFAULT) == 2_780.0
    assert time_to_cover_s(2_780.0, 300.0, DEFAULT) == 10.0
