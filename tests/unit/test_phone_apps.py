"""Each app's own words become ours: the same drive, told by all of them, is the same fixes."""

from typing import Any

import pytest

from schemas.push import FIXES_MAX, Fix
from sensor_logger_bridge.apps.all import APPS
from sensor_logger_bridge.apps.app import FORM, App, Sent
from sensor_logger_bridge.apps.backlog import NOTHING_NEW
from sensor_logger_bridge.apps.clock import AHEAD_MAX_MS
from sensor_logger_bridge.apps.gpslogger import TEMPLATE
from sensor_logger_bridge.apps.measure import KMH_MPS, KNOT_MPS
from sensor_logger_bridge.apps.overland import FOREIGN_NAME
from sensor_logger_bridge.apps.owntracks import ENCRYPTED
from sensor_logger_bridge.intake import BROKER_AWAY, CLOAKED, MOCK
from sensor_logger_bridge.translation import FOREIGN_DEVICE, Fixes, Refused, Translation, Understood
from tests.support.drive import APP, DRIVE, OWNER, RECEIVED_MS, TOLD, Told, compared
from tests.support.make import NOON_MS
from tests.support.message import (
    LATITUDE,
    LONGITUDE,
    as_json,
    feature,
    gpslogger,
    overland,
    owntracks,
    traccar,
    traccar_json,
)

DAY_MS = 86_400_000
BACKLOG = [app for app in APPS if app.name != "sensor-logger"]


def by_name(one: Told | App) -> str:
    return one.name


def fixes_of(told: Told) -> tuple[Fix, ...]:
    translations = told.translations()
    assert all(isinstance(one, Fixes) for one in translations)
    return tuple(fix for one in translations if isinstance(one, Fixes) for fix in one.push.fixes)


@pytest.mark.parametrize("told", TOLD, ids=by_name)
def test_the_drive_is_the_same_whichever_app_tells_it(told: Told) -> None:
    assert tuple(map(compared, fixes_of(told))) == DRIVE
    for translation in told.translations():
        assert isinstance(translation, Fixes)
        push = translation.push
        assert (push.device_id, push.source, push.received_at_ms) == (OWNER, told.app.name, RECEIVED_MS)
        assert translation.complaint is None


@pytest.mark.parametrize("told", TOLD, ids=by_name)
@pytest.mark.parametrize("factor", [KMH_MPS, 1 / KMH_MPS, KNOT_MPS, 1 / KNOT_MPS, KNOT_MPS / KMH_MPS])
def test_in_another_unit_it_would_not_be_the_same_drive(told: Told, factor: float) -> None:
    as_told, otherwise = fixes_of(told), fixes_of(told.with_speeds(factor))
    assert tuple(map(compared, fixes_of(told.with_speeds(1.0)))) == DRIVE
    for fix, other in zip(as_told, otherwise, strict=True):
        assert fix.speed_mps is not None
        assert other.speed_mps == pytest.approx(fix.speed_mps * factor, abs=0.001)
        assert other.speed_mps != pytest.approx(fix.speed_mps, rel=0.05)


def test_every_app_tells_the_drive() -> None:
    assert {told.app.name for told in TOLD} == {app.name for app in APPS}


@pytest.mark.parametrize("told", TOLD, ids=by_name)
def test_another_device_than_the_tokens_is_noticed_where_the_app_names_one(told: Told) -> None:
    """OwnTracks and GPSLogger name none, or only for friends to see."""
    answers = [told.app.translate(sent, "phone-2", RECEIVED_MS) for _, sent in told.requests]
    if told.app.name in ("owntracks", "gpslogger"):
        assert all(isinstance(one, Fixes) and one.push.device_id == "phone-2" for one in answers)
    else:
        assert set(answers) == {FOREIGN_NAME if told.app.name == "overland" else FOREIGN_DEVICE}


def translated(app: str, sent: Sent, received_ms: int = RECEIVED_MS) -> Translation:
    return APP[app].translate(sent, OWNER, received_ms)


def fix(app: str, sent: Sent) -> Fix:
    translation = translated(app, sent)
    assert isinstance(translation, Fixes), translation
    (only,) = translation.push.fixes
    return only


LEAST = [
    ("owntracks", owntracks()),
    ("overland", overland(feature())),
    ("traccar", traccar()),
    ("traccar", traccar_json()),
    ("gpslogger", gpslogger()),
]


@pytest.mark.parametrize(("app", "sent"), LEAST)
def test_place_and_time_are_enough_and_all_else_is_unknown(app: str, sent: Sent) -> None:
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
def test_what_an_app_says_for_unknown_is_unknown(app: str, sent: Sent) -> None:
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
    assert translated("traccar", traccar(valid="false")) == NOTHING_NEW
    assert fix("traccar", traccar(valid="1")).at_ms == NOON_MS


def test_a_form_is_read_as_a_query_is() -> None:
    form = Sent(gpslogger().query.encode(), media_type=FORM)
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
    told = fix("gpslogger", Sent(b"", query))
    assert told == Fix(NOON_MS, LATITUDE, LONGITUDE, 30.0, 1.5, bearing_deg=90.0, horizontal_accuracy_m=5.0)


@pytest.mark.parametrize("kind", ["transition", "waypoint", "waypoints", "lwt", "card", "status", "steps", "cmd"])
def test_owntracks_is_thanked_for_what_is_no_position(kind: str) -> None:
    assert translated("owntracks", owntracks(_type=kind)) == NOTHING_NEW


def test_owntracks_is_thanked_for_nothing_which_tells_that_a_friend_was_deleted() -> None:
    assert translated("owntracks", Sent(b"")) == NOTHING_NEW


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
    assert (translation.skipped, translation.complaint) == (3, None)
    assert translated("overland", overland(*others)) == NOTHING_NEW


def test_overland_may_send_as_many_points_as_it_can_be_set_to() -> None:
    full = {"motion": ["driving", "stationary"], "battery_state": "unplugged", "battery_level": 0.89, "wifi": "x" * 32}
    sent = overland(*[feature(second, **full, desired_accuracy=100, activity="other") for second in range(FIXES_MAX)])
    assert len(sent.body) < APP["overland"].bytes_max
    translation = translated("overland", sent, NOON_MS + DAY_MS)
    assert isinstance(translation, Fixes)
    assert len(translation.push.fixes) == FIXES_MAX


def test_one_bad_feature_does_not_keep_the_others_back() -> None:
    bad = [feature(coordinates=[200, 40]), feature(timestamp="yesterday"), feature(coordinates=None), {"type": "x"}]
    translation = translated("overland", overland(feature(1), *bad, feature(2)))
    assert isinstance(translation, Fixes)
    assert (len(translation.push.fixes), translation.skipped) == (2, 4)
    assert translation.complaint is not None
    assert translation.complaint.code == "range"
    assert APP["overland"].reply(translation).text == '{"result":"ok"}'


def test_a_feature_with_another_devices_name_is_left_out_and_told_of() -> None:
    translation = translated("overland", overland(feature(1, device_id="tablet"), feature(2, device_id=OWNER)))
    assert isinstance(translation, Fixes)
    assert (len(translation.push.fixes), translation.skipped, translation.complaint) == (1, 1, FOREIGN_NAME)


# ---- late, and of the future


def at(app: str, offset_ms: int) -> Translation:
    """A position of now, received so much later."""
    sent = dict(LEAST)[app]
    return translated(app, sent, NOON_MS + offset_ms)


@pytest.mark.parametrize("app", BACKLOG, ids=by_name)
def test_an_app_that_keeps_positions_may_send_them_days_later(app: App) -> None:
    translation = at(app.name, 3 * DAY_MS)
    assert isinstance(translation, Fixes)
    assert translation.complaint is None


@pytest.mark.parametrize("app", BACKLOG, ids=by_name)
def test_a_position_of_the_future_is_neither_taken_nor_asked_for_again(app: App) -> None:
    assert isinstance(at(app.name, -AHEAD_MAX_MS), Fixes)
    refused = at(app.name, -AHEAD_MAX_MS - 1)
    assert isinstance(refused, Refused)
    assert (refused.code, "5 minutes ahead" in refused.text) == ("wrong-clock", True)
    assert app.reply(refused) == app.thanks


def test_of_a_batch_only_what_is_of_the_future_is_left_out() -> None:
    translation = translated("overland", overland(feature(0), feature(3599)))
    assert isinstance(translation, Fixes)
    assert [one.at_ms for one in translation.push.fixes] == [NOON_MS]
    assert translation.complaint is not None
    assert translation.complaint.code == "wrong-clock"


OLD = [
    ("owntracks", owntracks(tst=0)),
    ("overland", overland(feature(timestamp="1970-01-01T00:00:00Z"))),
    ("traccar", traccar(timestamp="0")),
    ("traccar", traccar_json(timestamp="2019-12-31T23:59:59Z")),
    ("gpslogger", gpslogger(timestamp="1")),
]


@pytest.mark.parametrize(("app", "sent"), OLD)
def test_a_clock_that_was_never_set_does_not_stop_what_comes_after(app: str, sent: Sent) -> None:
    refused = translated(app, sent)
    assert isinstance(refused, Refused)
    assert (refused.code, "before 2020" in refused.text) == ("wrong-clock", True)
    assert APP[app].reply(refused) == APP[app].thanks


# ---- what each app is answered

THANKS = {"owntracks": "[]", "overland": '{"result":"ok"}', "traccar": "OK", "gpslogger": "OK"}


@pytest.mark.parametrize("app", BACKLOG, ids=by_name)
@pytest.mark.parametrize("ending", [NOTHING_NEW, CLOAKED, MOCK, ENCRYPTED], ids=str)
def test_an_app_that_shows_no_text_is_thanked_in_its_own_words(app: App, ending: Understood | Refused) -> None:
    reply = app.reply(ending)
    assert (reply.status, reply.text) == (200, THANKS[app.name])
    assert reply.media_type == ("application/json" if app.name in ("owntracks", "overland") else "text/plain")


@pytest.mark.parametrize("app", APPS, ids=by_name)
def test_what_may_go_better_next_time_is_never_thanked_for(app: App) -> None:
    assert (app.reply(BROKER_AWAY).status, app.reply(FOREIGN_DEVICE).status) == (503, 403)


def test_sensor_logger_shows_its_holder_what_to_put_right() -> None:
    reply = APP["sensor-logger"].reply(MOCK)
    assert (reply.status, reply.text) == (499, MOCK.text)
