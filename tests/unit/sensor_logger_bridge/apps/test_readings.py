"""Readings of each app that stand for an unknown value."""

import pytest

from schemas.push import Fix
from sensor_logger_bridge.apps.app import Request
from tests.support.make import NOON_MS
from tests.support.message import (
    LATITUDE,
    LONGITUDE,
    MINIMAL,
    feature,
    gpslogger,
    overland,
    owntracks,
    traccar,
    traccar_json,
)
from tests.support.recorded_drive import fix


@pytest.mark.parametrize(("app", "sent"), MINIMAL)
def test_position_and_time_are_enough(app: str, sent: Request) -> None:
    assert fix(app, sent) == Fix(NOON_MS, LATITUDE, LONGITUDE)


UNKNOWN_VALUES = [
    ("owntracks", owntracks(acc=0, vac=0, vel=0)),
    ("owntracks", owntracks(acc=-1, vac=-1, vel=-1, cog=-1)),
    ("owntracks", owntracks(acc=None, vac=None, vel=None, cog=None, alt=None)),
    (
        "overland",
        overland(feature(speed=-1, course=-1, horizontal_accuracy=-1, vertical_accuracy=-1, speed_accuracy=-1)),
    ),
    ("overland", overland(feature(speed=None, course_accuracy=-1, horizontal_accuracy=0, device_id=""))),
    ("traccar", traccar(speed="0.0", bearing="0.0", altitude="0.0", accuracy="0.0", hdop="1.2")),
    ("traccar", traccar(speed="-1", bearing="", accuracy="-1.0")),
    ("traccar", traccar_json({"speed": -1, "heading": -1, "accuracy": 0, "altitude_accuracy": -1})),
    ("gpslogger", gpslogger(acc="0.0", spd="0.0", dir="0.0", alt="0.0")),
    ("gpslogger", gpslogger(acc="-1.0", spd="", dir="", alt="")),
]


@pytest.mark.parametrize(("app", "sent"), UNKNOWN_VALUES)
def test_each_apps_values_for_unknown_become_none(app: str, sent: Request) -> None:
    assert fix(app, sent) == Fix(NOON_MS, LATITUDE, LONGITUDE)


def test_a_speed_of_zero_is_kept_where_zero_does_not_mean_unknown() -> None:
    assert fix("overland", overland(feature(speed=0))).speed_mps == 0
    assert fix("traccar", traccar_json({"speed": 0})).speed_mps == 0
