"""docs/reference/bad-inputs.md in messages of Sensor Logger."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from schemas.push import Fix, Push
from sensor_logger_bridge.apps import sensor_logger
from sensor_logger_bridge.apps.app import Request
from sensor_logger_bridge.apps.sensor_logger import ITEMS_MAX
from sensor_logger_bridge.translation import SHOWN_ON_PHONE, Fixes, NoPosition, Translation, Unusable
from tests.support.bad_inputs import CANARY, DEEP, named, shows_canary
from tests.support.bridge import NOON_NS, location, message
from tests.support.make import CARD, NOON_MS

HOUR_NS = 3600 * 10**9
CLOAKED = "cloaked"
SIGNIFICANT = b'"latitude": 77.7'


@dataclass(frozen=True)
class Bad:
    """A rejected body."""

    line: int
    name: str
    body: bytes
    code: str
    status: int = 400


@dataclass(frozen=True)
class Accepted:
    """An accepted body. `shown`: values of its only fix; None: nothing is published. `skipped`: number of its items."""

    line: int
    name: str
    body: bytes
    shown: dict[str, Any] | None = field(default_factory=dict)
    skipped: int = 0


def here(**values: Any) -> bytes:
    return message(location(**values))


def at(time: Any) -> bytes:
    return message(location(time))


def device(device_id: Any) -> bytes:
    return message(location(), deviceId=device_id)


def spelled(latitude: bytes) -> bytes:
    """Return a message with this text as its latitude."""
    return here(latitude=77.7).replace(SIGNIFICANT, b'"latitude": ' + latitude)


REJECTED = [
    Bad(1, "latitude beyond the pole", here(latitude=91), "range"),
    Bad(1, "latitude a little below the pole", here(latitude=-90.0001), "range"),
    *(Bad(2, f"longitude {degrees}", here(longitude=degrees), "range") for degrees in (180.0001, 360, -181)),
    Bad(3, "swapped", here(latitude=-122.0, longitude=37.0), "range"),
    Bad(4, "NaN", spelled(b"NaN"), "not-json"),
    Bad(5, "Infinity", spelled(b"Infinity"), "not-json"),
    Bad(5, "-Infinity", spelled(b"-Infinity"), "not-json"),
    Bad(5, "1e999", spelled(b"1e999"), "range"),
    Bad(6, "numeric text", here(latitude="12.5"), "type"),
    Bad(6, "the canary as text", here(latitude=CANARY), "type"),
    Bad(6, "speed as text", here(speed=CANARY), "type"),
    *(Bad(7, repr(text), here(latitude=text), "type") for text in ("nan", "inf", " 12\n", "1_0", "١٢")),
    Bad(8, "true", here(latitude=True), "type"),
    Bad(8, "false", here(longitude=False), "type"),
    Bad(9, "null", here(latitude=None), CLOAKED, SHOWN_ON_PHONE),
    Bad(9, "missing", here(latitude=..., longitude=...), CLOAKED, SHOWN_ON_PHONE),
    Bad(10, "in a list", here(latitude=[12.5]), "type"),
    Bad(10, "in an object", here(latitude={"v": 1}), "type"),
    Bad(23, "made up, but not as true or false", here(isMock=CANARY), "type"),
    Bad(25, "microseconds", at(NOON_MS * 1000), "ambiguous-unit"),
    Bad(25, "milliseconds", at(NOON_MS), "ambiguous-unit"),
    Bad(25, "seconds", at(NOON_MS // 1000), "ambiguous-unit"),
    Bad(27, "time as text", at(str(NOON_NS)), "type"),
    Bad(28, "time zero", at(0), "too-old"),
    Bad(28, "negative time", at(-5), "too-old"),
    Bad(28, "2019", at(1_546_300_800 * 10**9), "too-old"),
    Bad(28, "no time", message({"name": "location", "values": {"latitude": 1, "longitude": 1}}), "missing"),
    Bad(29, "an hour ahead", at(NOON_NS + HOUR_NS), "wrong-clock", SHOWN_ON_PHONE),
    Bad(29, "year 2106", at(4_294_967_296 * 10**9), "range"),
    Bad(30, "2**63", at(2**63), "range"),
    Bad(30, "10**400", at(10**400), "range"),
    Bad(30, "5,000 digits", at(77).replace(b"77,", b"7" * 5000 + b","), "range"),
    Bad(37, "a day late", at(NOON_NS - 24 * HOUR_NS), "wrong-clock", SHOWN_ON_PHONE),
    Bad(40, "no device", device(...), "missing"),
    Bad(40, "empty device", device(""), "missing"),
    Bad(40, "blank device", device("  "), "pattern"),
    Bad(41, "10 KB", device("x" * 10_000), "pattern"),
    *(Bad(41, repr(text), device(text), "pattern") for text in ("phone\0", "phone-1\n", "a/b", "..", ".", "../x")),
    Bad(42, "Cyrillic look-alike", device("рhone-1"), "pattern"),
    Bad(42, "zero-width", device("phone\u200b-1"), "pattern"),
    Bad(42, "RTL mark", device("\u200fphone-1"), "pattern"),
    Bad(42, "NFD", device("phone-e\u0301"), "pattern"),
    Bad(49, "negative", message(location(), messageId=-1), "range"),
    Bad(49, "a fraction", message(location(), messageId=1.5), "type"),
    Bad(49, "beyond exactness", message(location(), messageId=2**53 + 1), "range"),
    Bad(49, "text", message(location(), messageId=CANARY), "type"),
    Bad(50, "no payload", message(payload=...), "missing"),
    Bad(50, "a payload that is no list", message(payload={}), "type"),
    Bad(53, "1,001 items", message(*[location()] * (ITEMS_MAX + 1)), "range", 413),
    Bad(53, "100,000 items", message(*[{}] * 100_000), "range", 413),
    Bad(56, "empty", b"", "empty"),
    Bad(56, "null", b"null", "not-object"),
    Bad(56, "a list", b'["%s"]' % CANARY.encode(), "not-object"),
    Bad(56, "a number", CANARY.encode(), "not-object"),
    Bad(56, "a text", b'"%s"' % CANARY.encode(), "not-object"),
    Bad(57, "truncated", here()[:-1], "not-json"),
    Bad(57, "trailing comma", here()[:-1] + b",}", "not-json"),
    Bad(57, "comment", here() + b"//", "not-json"),
    Bad(57, "single quotes", here().replace(b'"', b"'"), "not-json"),
    Bad(57, "two objects", here() + here(), "not-json"),
    Bad(58, "latitude twice", spelled(b'1, "latitude": 2'), "duplicate-key"),
    Bad(58, "latitude twice, once escaped", spelled(rb'1, "latitud\u0065": 2'), "duplicate-key"),
    Bad(58, "time twice", at(77).replace(b"77,", b'77, "time": 78,'), "duplicate-key"),
    Bad(59, "100,000 deep", here()[:-1] + b',"x":' + DEEP, "depth"),
    Bad(59, "1,100 deep", here()[:-1] + b',"x":' + DEEP[:1100] + b"]" * 1100 + b"}", "depth"),
    Bad(62, "0xff", b"\xff" + here(), "encoding"),
    Bad(62, "UTF-16", here().decode().encode("utf-16"), "encoding"),
    Bad(62, "byte order mark", b"\xef\xbb\xbf" + here(), "encoding"),
    Bad(62, "overlong", here()[:-1] + b',"x":"\xc0\xaf"}', "encoding"),
    Bad(62, "half a pair", message(location(), sessionId="@").replace(b"@", rb"\ud800"), "encoding"),
    Bad(63, "zero in a session", message(location(), sessionId=f"{CANARY}\0"), "pattern"),
    Bad(67, "a card as device", device(CARD), "card-in-id"),
    Bad(67, "a card in the device", device(f"ios.{CARD}"), "card-in-id"),
    Bad(67, "a card as session", message(location(), sessionId=CARD), "pattern"),
    Bad(68, "a card in a text of words", message(location(), sessionId=f"s {CANARY}"), "pattern"),
    Bad(68, "a card as a number", spelled(CANARY.encode()), "range"),
    Bad(75, "a text of words", message(location(), sessionId="${jndi:x}\r\n\x1b[31m<script>"), "pattern"),
]

FULL_WIDTH = "４９２９５６７１２３４５６７８７"
DEEP_17 = b"[" * 17 + b"]" * 17
NOISE = [{"name": name, "time": NOON_NS, "values": {"x": 1}} for name in ("accelerometer", "gyroscope", CANARY)]

ACCEPTED = [
    Accepted(3, "swapped, as nobody can tell", here(latitude=-75.5, longitude=40.5), {"latitude": -75.5}),
    Accepted(11, "null island, which the detector leaves out", here(latitude=0, longitude=0), {"latitude": 0.0}),
    Accepted(12, "a pole", here(latitude=90, longitude=123.5), {"latitude": 90.0, "longitude": 123.5}),
    Accepted(13, "the antimeridian", here(longitude=-180), {"longitude": -180.0}),
    Accepted(16, "17 digits", here(latitude=40.12345678901234567), {"latitude": 40.123456789012345}),
    Accepted(17, "speed -1", here(speed=-1), {"speed_mps": None}),
    Accepted(18, "a million metres a second", here(speed=1e6), {"speed_mps": 1e6}),
    Accepted(19, "accuracy -1", here(horizontalAccuracy=-1), {"horizontal_accuracy_m": None}),
    Accepted(20, "a cell tower", here(horizontalAccuracy=50_000), {"horizontal_accuracy_m": 50_000.0}),
    Accepted(21, "Android's accuracy", message(location() | {"accuracy": 3}), {"horizontal_accuracy_m": None}),
    Accepted(22, "below the sea", here(altitude=-500), {"altitude_m": -500.0}),
    Accepted(22, "an altitude that cannot be is not used", here(altitude=1e308), {"altitude_m": 1e308}),
    Accepted(23, "made up", here(isMock=True), {"mock": True}),
    Accepted(24, "nanoseconds", at(NOON_NS + 999_999), {"at_ms": NOON_MS}),
    Accepted(26, "nanoseconds as a float", at(1.7952624e18), {"at_ms": NOON_MS}),
    Accepted(29, "five minutes ahead", at(NOON_NS + 300 * 10**9), {"at_ms": NOON_MS + 300_000}),
    Accepted(37, "a first fix of some minutes ago", at(NOON_NS - 600 * 10**9), {"at_ms": NOON_MS - 600_000}),
    Accepted(50, "nothing", message(), None),
    Accepted(51, "only an accelerometer", message(*NOISE), None),
    Accepted(54, "no values", message({"name": "location", "time": NOON_NS}), None),
    Accepted(54, "no values beside a position", message({"name": "location", "time": 1}, location()), skipped=1),
    Accepted(54, "an unknown sensor", message(*NOISE, location()), skipped=3),
    Accepted(55, "the watch's altitude differs", message(location() | {"name": "watchLocation"}), None),
    Accepted(59, "17 deep", here()[:-1] + b',"x":' + DEEP_17 + b"}"),
    Accepted(
        63, "keys of other languages", message(location(), **{"$where": 1, "a.b": 1, "__proto__": {}, "\0": CANARY})
    ),
    Accepted(67, "a card as user and as key", message(location(), **{CANARY: CANARY})),
    Accepted(68, "full-width digits in a field that is skipped", message(location(), userId=FULL_WIDTH)),
    Accepted(70, "a track", here(track2=CANARY, cvv=CANARY)),
    Accepted(76, "10,000 unknown keys", message(location(), **{f"k{number}": CANARY for number in range(10_000)})),
]


def answer(body: bytes) -> Translation:
    return sensor_logger.translate(Request(body), "phone-1", NOON_MS)


@pytest.mark.parametrize("row", REJECTED, ids=named)
def test_a_bad_body_is_rejected_with_a_code_and_without_its_content(row: Bad, caplog: pytest.LogCaptureFixture) -> None:
    unusable = answer(row.body)
    assert isinstance(unusable, Unusable)
    assert (unusable.status, str(unusable.code)) == (row.status, row.code)
    assert unusable.text.endswith(".")
    assert not shows_canary(unusable.text)
    assert CARD not in unusable.text
    assert not caplog.records


@pytest.mark.parametrize("row", ACCEPTED, ids=named)
def test_an_unusual_body_is_accepted_with_its_exact_values(row: Accepted, caplog: pytest.LogCaptureFixture) -> None:
    accepted = answer(row.body)
    if row.shown is None:
        assert isinstance(accepted, NoPosition)
    else:
        assert isinstance(accepted, Fixes)
        (fix,) = accepted.push.fixes
        assert {name: getattr(fix, name) for name in row.shown} == row.shown
        assert accepted.skipped == row.skipped
    assert not shows_canary(repr(accepted))
    assert not caplog.records


def published(*items: dict[str, Any], **fields: Any) -> Push:
    accepted = answer(message(*items, **fields))
    assert isinstance(accepted, Fixes)
    return accepted.push


def test_15_zeros_of_both_signs_are_one_position() -> None:
    places = {(fix.latitude, fix.longitude) for zero in (0.0, -0.0) for fix in published(location(latitude=zero)).fixes}
    assert len(places) == 1


def test_46_a_repeated_message_is_published_again_without_a_change() -> None:
    assert published(location()) == published(location())


def test_48_message_numbers_may_arrive_in_any_order_and_restart() -> None:
    numbers = [("b1", 5), ("b1", 2), ("b2", 0)]
    accepted = [published(location(), sessionId=session, messageId=number) for session, number in numbers]
    assert [(push.session_id, push.message_id) for push in accepted] == numbers


def test_52_only_the_positions_of_a_mixed_message_are_published() -> None:
    at_s = (3, 1, 2)
    items = [item for second in at_s for item in (location(NOON_NS + second * 10**9), *NOISE)]
    fixes: tuple[Fix, ...] = published(*items).fixes
    assert [fix.at_ms - NOON_MS for fix in fixes] == [3000, 1000, 2000]
