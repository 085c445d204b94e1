"""The published cases and the battery give the results that are written down."""

import json
from datetime import datetime
from math import degrees
from pathlib import Path
from typing import Any

import pytest

from agents.rules.decision.decide import decide
from agents.rules.decision.payment_location import PaymentLocation
from agents.rules.evidence.full_track import FullTrack
from agents.rules.geo import HALF_ROUND_EARTH_M
from agents.rules.parameters import DEFAULT, PAPER
from tests.support.make import NOON_MS
from tests.support.phone import track_point

GOLDEN = Path(__file__).parents[4] / "golden"
PUBLISHED = json.loads((GOLDEN / "paper.json").read_text())["cases"]
BATTERY = json.loads((GOLDEN / "battery.json").read_text())["cases"]
HAVERSINE_OFF = 0.005  # the published distances are geodesic


def epoch_us(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1_000_000)


@pytest.mark.parametrize("case", PUBLISHED, ids=["far too fast", "slow enough"])
def test_the_published_rule_gives_the_published_results(case: dict[str, Any]) -> None:
    payment, fix, published = case["transaction"], case["fix"], case["published"]
    track = [track_point(epoch_us(fix["at"]) // 1000, fix["latitude"], fix["longitude"], None, fix["speed_mps"])]
    location = PaymentLocation(payment["latitude"], payment["longitude"], None, epoch_us(payment["timestamp"]))
    finding = decide(location, FullTrack(track), PAPER)
    assert finding.outcome == case["verdict"]
    assert finding.measurement is not None
    assert finding.measurement.distance_m == pytest.approx(published["distance_m"], rel=HAVERSINE_OFF)
    assert finding.measurement.elapsed_s == pytest.approx(published["elapsed_s"], abs=1e-6)
    assert finding.measurement.implied_speed_mps == pytest.approx(published["implied_speed_mps"], rel=HAVERSINE_OFF)


@pytest.mark.parametrize("case", BATTERY, ids=[case["name"] for case in BATTERY])
def test_the_default_rule_passes_the_battery(case: dict[str, Any]) -> None:
    latitude, longitude = -20.0, 10.0
    track = [track_point(NOON_MS - case["seconds"] * 1000, latitude, longitude, 15.0, case["speed_mps"])]
    north = latitude + degrees(case["km"] * 1000 / HALF_ROUND_EARTH_M * 3.141592653589793)
    finding = decide(PaymentLocation(north, longitude, None, NOON_MS * 1000), FullTrack(track), DEFAULT)
    assert finding.outcome == case["verdict"]
