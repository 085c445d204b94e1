"""docs/reference/bad-inputs.md in messages of the store-and-forward apps."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from schemas.push import FIXES_MAX
from sensor_logger_bridge.apps.app import FORM, Request
from sensor_logger_bridge.translation import Fixes, NoPosition, Unusable
from tests.support.bad_inputs import CANARY, DEEP, named, shows_canary
from tests.support.make import CARD, NOON_MS
from tests.support.message import (
    as_json,
    as_query,
    feature,
    gpslogger,
    overland,
    owntracks,
    traccar,
    traccar_json,
)
from tests.support.recorded_drive import APP, OWNER


@dataclass(frozen=True)
class Bad:
    """A rejected message. `status`: of the answer; 200 if the app must not send it again."""

    line: int
    name: str
    app: str
    sent: Request
    code: str
    status: int = 400


@dataclass(frozen=True)
class Accepted:
    """An accepted message. `shown`: values of its only fix; None: nothing is published."""

    line: int
    name: str
    app: str
    sent: Request
    shown: dict[str, Any] | None = field(default_factory=dict)


PLACES: dict[str, Any] = {
    "owntracks": lambda latitude, longitude: owntracks(lat=latitude, lon=longitude),
    "overland": lambda latitude, longitude: overland(feature(coordinates=[longitude, latitude])),
    "traccar": lambda latitude, longitude: traccar_json({"latitude": latitude, "longitude": longitude}),
    "traccar query": lambda latitude, longitude: traccar(lat=latitude, lon=longitude),
    "gpslogger": lambda latitude, longitude: gpslogger(lat=latitude, lon=longitude),
}
AS_JSON = [app for app in PLACES if app not in ("traccar query", "gpslogger")]
AS_QUERY = ["traccar query", "gpslogger"]


def named_app(kind: str) -> str:
    return kind.split(maxsplit=1)[0]


def everywhere(line: int, name: str, latitude: Any, longitude: Any, code: str, kinds: Any = PLACES) -> list[Bad]:
    """Return a row with a bad position for each app."""
    return [Bad(line, f"{name}: {kind}", named_app(kind), PLACES[kind](latitude, longitude), code) for kind in kinds]


def spelled(app: str, latitude: bytes) -> Request:
    """Return a message with this text as its latitude."""
    whole = PLACES[app](77.7, 10.5).body
    assert whole.count(b"77.7") == 1
    return Request(whole.replace(b"77.7", latitude))


def in_all_json(line: int, name: str, latitude: bytes, code: str) -> list[Bad]:
    return [Bad(line, f"{name}: {app}", app, spelled(app, latitude), code) for app in AS_JSON]


def whole(line: int, name: str, body: bytes, code: str) -> list[Bad]:
    return [Bad(line, f"{name}: {app}", app, Request(body), code) for app in AS_JSON]


def query(text: str) -> Request:
    return Request(b"", text)


HOUR_MS = 3_600_000
SECONDS = NOON_MS // 1000
DIGITS_17 = "40.12345678901234567"
INDIA = "2026-11-21T17:30:00+05"
LANGUAGES = {"$where": 1, "a.b": 1, "__proto__": {}, "\0": CANARY}
LATER_S = SECONDS + 3600

REJECTED = [
    *everywhere(1, "beyond the pole", 91, 10.5, "range"),
    *everywhere(1, "a little below the pole", -90.0001, 10.5, "range"),
    *everywhere(2, "180.0001", 10.5, 180.0001, "range"),
    *everywhere(2, "360", 10.5, 360, "range"),
    *everywhere(2, "-181", 10.5, -181, "range"),
    *everywhere(3, "swapped", -122.0, 37.0, "range"),
    *in_all_json(4, "NaN", b"NaN", "not-json"),
    *everywhere(4, "NaN", "NaN", 10.5, "type", AS_QUERY),
    *in_all_json(5, "Infinity", b"Infinity", "not-json"),
    *in_all_json(5, "1e999", b"1e999", "range"),
    *everywhere(5, "-Infinity", "-Infinity", 10.5, "type", AS_QUERY),
    *everywhere(5, "1e999", "1e999", 10.5, "range", AS_QUERY),
    *everywhere(6, "numeric text", "12.5", 10.5, "type", AS_JSON),
    *everywhere(6, "the canary as text", CANARY, 10.5, "type", AS_JSON),
    *everywhere(6, "a text", f"x{CANARY}", 10.5, "type", AS_QUERY),
    *[
        row
        for text in ("nan", "inf", "12%0A", "+12", "%2B12", "1_0", "%D9%A1%D9%A2", ".5", "5.", "0x1F")
        for row in everywhere(7, text, text, 10.5, "type", AS_QUERY)
    ],
    *everywhere(8, "true", True, 10.5, "type", AS_JSON),
    *everywhere(9, "null", None, 10.5, "missing", AS_JSON),
    *everywhere(9, "left empty", "", 10.5, "missing", AS_QUERY),
    Bad(9, "no coordinates", "owntracks", as_json({"_type": "location", "tst": SECONDS}), "missing"),
    Bad(9, "no geometry", "overland", overland({"properties": {"timestamp": "2026-11-21T12:00:00Z"}}), "missing"),
    Bad(9, "one coordinate", "overland", overland(feature(coordinates=[1.5])), "range"),
    Bad(9, "no location", "traccar", as_json({"device_id": OWNER}), "missing"),
    Bad(9, "nothing but an id", "traccar", as_query({"id": OWNER}), "missing"),
    *everywhere(10, "in a list", [12.5], 10.5, "type", AS_JSON),
    *everywhere(10, "in an object", {"v": 1}, 10.5, "type", AS_JSON),
    Bad(23, "made up, but not as true or false", "traccar", traccar_json(mock=CANARY), "type"),
    Bad(25, "milliseconds", "owntracks", owntracks(tst=NOON_MS), "ambiguous-unit"),
    Bad(25, "milliseconds", "gpslogger", gpslogger(timestamp=NOON_MS), "ambiguous-unit"),
    Bad(25, "microseconds", "traccar", traccar(timestamp=NOON_MS * 1000), "ambiguous-unit"),
    Bad(27, "time as text", "owntracks", owntracks(tst=str(SECONDS)), "type"),
    Bad(27, "time as a number", "overland", overland(feature(timestamp=SECONDS)), "type"),
    Bad(27, "time as a number", "traccar", traccar_json(timestamp=SECONDS), "type"),
    Bad(28, "time zero", "owntracks", owntracks(tst=0), "wrong-clock", 200),
    Bad(28, "negative time", "traccar", traccar(timestamp=-5), "wrong-clock", 200),
    Bad(28, "2019", "overland", overland(feature(timestamp="2019-12-31T23:59:59Z")), "wrong-clock", 200),
    Bad(28, "no time", "gpslogger", as_query({"lat": 40.5, "lon": -75.5}), "missing"),
    Bad(28, "no time", "traccar", as_query({"id": OWNER, "lat": 40.5, "lon": -75.5}), "missing"),
    Bad(29, "an hour ahead", "owntracks", owntracks(tst=LATER_S), "wrong-clock", 200),
    Bad(29, "an hour ahead", "overland", overland(feature(3600 - 1)), "wrong-clock", 200),
    Bad(29, "an hour ahead", "traccar", traccar(timestamp=LATER_S * 1000), "wrong-clock", 200),
    Bad(29, "an hour ahead", "gpslogger", gpslogger(timestamp=LATER_S), "wrong-clock", 200),
    Bad(29, "year 2106", "owntracks", owntracks(tst=4_294_967_296), "range"),
    Bad(30, "10**400", "owntracks", owntracks(tst=10**400), "range"),
    Bad(30, "5,000 digits", "gpslogger", gpslogger(timestamp="7" * 5000), "range"),
    Bad(30, "5,000 digits", "traccar", traccar(timestamp="7" * 5000), "range"),
    Bad(30, "5,000 digits", "owntracks", Request(owntracks(tst=77).body.replace(b"77", b"7" * 5000)), "range"),
    Bad(32, "no zone", "overland", overland(feature(timestamp="2026-11-21T12:00:00")), "no-zone"),
    Bad(32, "no zone", "traccar", traccar(timestamp="2026-11-21+12:00:00"), "no-zone"),
    Bad(35, "a 30th of February", "overland", overland(feature(timestamp="2026-02-30T12:00:00Z")), "date"),
    Bad(35, "no date", "traccar", traccar_json(timestamp=CANARY), "date"),
    Bad(44, "another device's id", "traccar", traccar(id="phone-2"), "foreign-device", 403),
    Bad(44, "two ids", "traccar", traccar(deviceid="phone-2"), "foreign-device", 403),
    Bad(44, "a name", "overland", overland(feature(device_id="tablet")), "foreign-device", 200),
    Bad(50, "no locations", "overland", as_json({}), "missing"),
    Bad(50, "no kind", "owntracks", as_json({"lat": 40.5, "lon": -75.5}), "missing"),
    Bad(53, "1,001 points", "overland", overland(*[feature()] * (FIXES_MAX + 1)), "range", 413),
    Bad(53, "101 parameters", "gpslogger", query("&".join(f"k{number}=1" for number in range(101))), "too-large"),
    *[row for body in (b"null", b"123", b'"x"') for row in whole(56, repr(body), body, "not-object")],
    Bad(56, "empty", "overland", Request(b""), "empty"),
    Bad(56, "nothing at all", "traccar", Request(b""), "empty"),
    Bad(56, "nothing at all", "gpslogger", Request(b""), "empty"),
    *[Bad(57, f"truncated: {app}", app, Request(PLACES[app](40.5, 10.5).body[:-1]), "not-json") for app in AS_JSON],
    *[Bad(57, f"two: {app}", app, Request(PLACES[app](40.5, 10.5).body * 2), "not-json") for app in AS_JSON],
    Bad(58, "latitude twice", "owntracks", spelled("owntracks", b'1, "lat": 2'), "duplicate-key"),
    Bad(58, "an unknown key twice", "traccar", spelled("traccar", b'1, "x": 1, "x": 2'), "duplicate-key"),
    Bad(58, "a feature's key twice", "overland", spelled("overland", b'1], "coordinates": [2'), "duplicate-key"),
    Bad(58, "latitude twice", "gpslogger", query(f"{gpslogger().query}&lat=41.5"), "duplicate-key"),
    Bad(58, "latitude twice, once escaped", "traccar", query(f"{traccar().query}&l%61t=41.5"), "duplicate-key"),
    *[
        Bad(59, f"100,000 deep: {app}", app, Request(PLACES[app](40.5, 10.5).body[:-1] + b',"x":' + DEEP), "depth")
        for app in AS_JSON
    ],
    *whole(62, "0xff", b"\xff{}", "encoding"),
    *whole(62, "byte order mark", b"\xef\xbb\xbf{}", "encoding"),
    *whole(62, "UTF-16", "{}".encode("utf-16"), "encoding"),
    Bad(62, "0xff, escaped", "gpslogger", query("lat=%FF&lon=1&timestamp=1"), "encoding"),
    Bad(62, "0xff in a form", "gpslogger", Request(b"lat=\xff", media_type=FORM), "encoding"),
    Bad(63, "zero", "traccar", query("lat=1%00&lon=1"), "type"),
    Bad(67, "a card as device", "traccar", traccar(id=CARD), "foreign-device", 403),
    Bad(67, "a card as name", "overland", overland(feature(device_id=CANARY)), "foreign-device", 200),
    Bad(68, "a card as a number", "gpslogger", gpslogger(lat=CANARY), "range"),
    Bad(75, "what others would carry out", "traccar", traccar(timestamp="${jndi:x}%0D%0A%1B[31m<script>"), "date"),
]

ACCEPTED = [
    *[Accepted(12, f"a pole: {kind}", named_app(kind), PLACES[kind](90, 123.5), {"latitude": 90.0}) for kind in PLACES],
    *[
        Accepted(13, f"the antimeridian: {kind}", named_app(kind), PLACES[kind](10.5, -180), {"longitude": -180.0})
        for kind in PLACES
    ],
    *[
        Accepted(
            16,
            f"17 digits: {kind}",
            named_app(kind),
            PLACES[kind](DIGITS_17, 1),
            {"latitude": float(DIGITS_17)},
        )
        for kind in AS_QUERY
    ],
    Accepted(17, "speed -1", "owntracks", owntracks(vel=-1), {"speed_mps": None}),
    Accepted(18, "a million km/h", "owntracks", owntracks(vel=3.6e6), {"speed_mps": 1e6}),
    Accepted(19, "accuracy -1", "overland", overland(feature(horizontal_accuracy=-1)), {"horizontal_accuracy_m": None}),
    Accepted(20, "a cell tower", "gpslogger", gpslogger(acc="50000.0"), {"horizontal_accuracy_m": 50_000.0}),
    Accepted(22, "below the sea", "owntracks", owntracks(alt=-500), {"altitude_m": -500.0}),
    Accepted(23, "made up", "traccar", traccar_json(mock=True), {"mock": True}),
    Accepted(25, "the unit that the size declares", "traccar", traccar(timestamp=NOON_MS), {"at_ms": NOON_MS}),
    Accepted(26, "a time with a fraction", "owntracks", owntracks(tst=SECONDS + 0.25), {"at_ms": NOON_MS + 250}),
    Accepted(31, "half an hour east", "overland", overland(feature(timestamp=f"{INDIA}30")), {"at_ms": NOON_MS}),
    Accepted(31, "with a colon", "traccar", traccar_json(timestamp=f"{INDIA}:30"), {"at_ms": NOON_MS}),
    Accepted(
        34, "a leap second", "overland", overland(feature(timestamp="2026-11-21T11:59:60Z")), {"at_ms": NOON_MS - 1}
    ),
    Accepted(37, "a day late", "owntracks", owntracks(tst=SECONDS - 86_400), {"at_ms": NOON_MS - 86_400_000}),
    Accepted(50, "none", "overland", overland(), None),
    Accepted(51, "a geofence", "owntracks", owntracks(_type="transition", event="enter", desc=CANARY), None),
    Accepted(54, "an unknown kind", "owntracks", as_json({"_type": CANARY}), None),
    Accepted(56, "an empty body tells that a friend was deleted", "owntracks", Request(b""), None),
    Accepted(63, "keys of other languages", "owntracks", owntracks(**LANGUAGES)),
    Accepted(67, "a card as unique id", "overland", overland(feature(unique_id=CANARY, wifi=CANARY))),
    Accepted(67, "a card as the phone's id", "gpslogger", gpslogger(aid=CANARY, prov=CANARY)),
    Accepted(76, "99 unknown parameters", "traccar", traccar(**{f"k{number}": CANARY for number in range(90)})),
]


@pytest.mark.parametrize("row", REJECTED, ids=named)
def test_a_bad_message_is_rejected_with_a_code_and_without_its_content(
    row: Bad, caplog: pytest.LogCaptureFixture
) -> None:
    app = APP[row.app]
    unusable = app.translate(row.sent, OWNER, NOON_MS)
    assert isinstance(unusable, Unusable)
    assert str(unusable.code) == row.code
    reply = app.response_to(unusable)
    assert reply.status == row.status
    assert (reply == app.success_response) == (row.status == 200)
    assert unusable.text.endswith(".")
    assert not shows_canary(unusable.text)
    assert CARD not in unusable.text
    assert not caplog.records


@pytest.mark.parametrize("row", ACCEPTED, ids=named)
def test_an_unusual_message_is_accepted_with_its_exact_values(row: Accepted, caplog: pytest.LogCaptureFixture) -> None:
    accepted = APP[row.app].translate(row.sent, OWNER, NOON_MS)
    if row.shown is None:
        assert isinstance(accepted, NoPosition)
    else:
        assert isinstance(accepted, Fixes)
        (fix,) = accepted.push.fixes
        assert {name: getattr(fix, name) for name in row.shown} == row.shown
        assert accepted.push.device_id == OWNER
    assert not shows_canary(repr(accepted))
    assert not caplog.records
