"""What an app's own words come to: what it leaves out, what it says for unknown, and what is no position."""

from typing import Any

import pytest

from schemas.push import FIXES_MAX, Fix
from sensor_logger_bridge.apps.app import FORM, Request
from sensor_logger_bridge.apps.gpslogger import TEMPLATE
from sensor_logger_bridge.apps.overland import FOREIGN_DEVICE_ID
from sensor_logger_bridge.apps.owntracks import ENCRYPTED
from sensor_logger_bridge.apps.stored_batch import ALREADY_RECEIVED
from sensor_logger_bridge.translation import Fixes
from tests.support.make import NOON_MS
from tests.support.message import (
    LATITUDE,
    LEAST,
    LONGITUDE,
    as_json,
    feature,
    gpslogger,
    overland,
    owntracks,
    traccar,
    traccar_json,
)
from tests.support.recorded_drive import APP, OWNER, fix, translated


@pytest.mark.parametrize(("app", "sent"), LEAST)
def test_place_and_time_are_enough_and_all_else_is_unknown(app: str, sent: Request) -> None:
    assert fix(app, sent) == Fix(NOON_MS, LATITUDE, LONGITUDE)


UNKNOWN = [
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


@pytest.mark.parametrize(("app", "sent"), UNKNOWN)
def test_what_an_app_says_for_unknown_is_unknown(app: str, sent: Request) -> None:
    assert fix(app, sent) == Fix(NOON_MS, LATITUDE, LONGITUDE)


def test_a_phone_that_stands_still_says_so_where_zero_is_no_word_for_unknown() -> None:
    assert fix("overland", overland(feature(speed=0))).speed_mps == 0
    assert fix("traccar", traccar_json({"speed": 0})).speed_mps == 0


def test_traccar_says_that_a_position_is_made_up() -> None:
    assert fix("traccar", traccar(mock="true")).mock is True
    assert fix("traccar", traccar_json(mock=True)).mock is True
    assert fix("traccar", traccar(mock="false")).mock is None


def test_traccar_tells_accuracies_of_speed_and_course_where_its_template_has_them() -> None:
    found = fix("traccar", traccar_json({"speed_accuracy": 0.5, "heading_accuracy": 20, "altitude_accuracy": 3}))
    assert (found.speed_accuracy_mps, found.bearing_accuracy_deg, found.vertical_accuracy_m) == (0.5, 20.0, 3.0)


@pytest.mark.parametrize("times", [NOON_MS // 1000, NOON_MS, "2026-11-21T12:00:00Z", "2026-11-21T13:00:00%2B01:00"])
def test_traccar_may_tell_the_time_in_each_of_its_forms(times: Any) -> None:
    assert fix("traccar", traccar(timestamp=times)).at_ms == NOON_MS


def test_a_position_that_traccar_calls_invalid_is_not_published() -> None:
    assert translated("traccar", traccar(valid="false")) == ALREADY_RECEIVED
    assert fix("traccar", traccar(valid="1")).at_ms == NOON_MS


def test_a_form_is_read_as_a_query_is() -> None:
    form = Request(gpslogger().query.encode(), media_type=FORM)
    assert fix("gpslogger", form) == fix("gpslogger", gpslogger())


def test_the_template_of_gpslogger_asks_for_what_is_read() -> None:
    words = {
        "%LAT": str(LATITUDE),
        "%LON": str(LONGITUDE),
        "%ACC": "5.0",
        "%ALT": "30.0",
        "%SPD": "1.5",
        "%DIR": "90.0",
    }
    query = TEMPLATE.replace("%TIMESTAMP", str(NOON_MS // 1000))
    for word, value in words.items():
        query = query.replace(word, value)
    assert "%" not in query
    told = fix("gpslogger", Request(b"", query))
    assert told == Fix(NOON_MS, LATITUDE, LONGITUDE, 30.0, 1.5, bearing_deg=90.0, horizontal_accuracy_m=5.0)


@pytest.mark.parametrize("kind", ["transition", "waypoint", "waypoints", "lwt", "card", "status", "steps", "cmd"])
def test_owntracks_is_thanked_for_what_is_no_position(kind: str) -> None:
    assert translated("owntracks", owntracks(_type=kind)) == ALREADY_RECEIVED


def test_owntracks_is_thanked_for_nothing_which_tells_that_a_friend_was_deleted() -> None:
    assert translated("owntracks", Request(b"")) == ALREADY_RECEIVED


def test_a_person_whose_owntracks_encrypts_is_told() -> None:
    assert translated("owntracks", as_json({"_type": "encrypted", "data": "x"})) == ENCRYPTED


def test_visits_trips_and_what_overland_did_are_no_positions() -> None:
    """Their place is from before, and their time is now."""
    others = [
        feature(action="visit", arrival_date=None, departure_date=None),
        {"type": "Feature", "properties": {"timestamp": "2026-11-21T12:00:00Z", "action": "paused_location_updates"}},
        feature(type="trip", mode="car", distance=1000),
    ]
    translation = translated("overland", overland(*others, feature(3)))
    assert isinstance(translation, Fixes)
    assert [one.at_ms - NOON_MS for one in translation.push.fixes] == [3000]
    assert (translation.skipped, translation.problem) == (3, None)
    assert translated("overland", overland(*others)) == ALREADY_RECEIVED


def test_overland_may_send_as_many_points_as_it_can_be_set_to() -> None:
    full = {"motion": ["driving", "stationary"], "battery_state": "unplugged", "battery_level": 0.89, "wifi": "x" * 32}
    sent = overland(*[feature(second, **full, desired_accuracy=100, activity="other") for second in range(FIXES_MAX)])
    assert len(sent.body) < APP["overland"].bytes_max
    translation = translated("overland", sent, NOON_MS + 86_400_000)
    assert isinstance(translation, Fixes)
    assert len(translation.push.fixes) == FIXES_MAX


def test_one_bad_feature_does_not_keep_the_others_back() -> None:
    bad = [feature(coordinates=[200, 40]), feature(timestamp="yesterday"), feature(coordinates=None), {"type": "x"}]
    translation = translated("overland", overland(feature(1), *bad, feature(2)))
    assert isinstance(translation, Fixes)
    assert (len(translation.push.fixes), translation.skipped) == (2, 4)
    assert translation.problem is not None
    assert translation.problem.code == "range"
    assert APP["overland"].response_to(translation).text == '{"result":"ok"}'


def test_a_feature_with_another_devices_name_is_left_out_and_told_of() -> None:
    translation = translated("overland", overland(feature(1, device_id="tablet"), feature(2, device_id=OWNER)))
    assert isinstance(translation, Fixes)
    assert (len(translation.push.fixes), translation.skipped, translation.problem) == (1, 1, FOREIGN_DEVICE_ID)
