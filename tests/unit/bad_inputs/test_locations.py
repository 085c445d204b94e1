"""docs/reference/bad-inputs.md on the `locations` topic."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from agents.ingest_positions import ingest_positions
from agents.rules.evidence.point_codec import TrackPoint
from agents.state.position_history import PositionHistory
from schemas.codes.fix_fault import FixFault
from schemas.codes.reject import RejectCode
from schemas.push import FIXES_MAX
from tests.support.bad_inputs import CANARY, DEEP, INVALID_DEVICE_IDS, Bad, named, rejected, shows_canary
from tests.support.batch import CONTEXT, FakeBatch, FakeRecord, keyed
from tests.support.make import NOON_MS, as_bytes, fix, push

NOTE = {"note": CANARY}
SIGNIFICANT = b'"latitude": 77.7'


def fixed(**changes: Any) -> bytes:
    """Return a valid push with one fix, and with these changes of the fix."""
    return as_bytes(push(fix(**changes), **NOTE))


def pushed(**changes: Any) -> bytes:
    """Return a valid push with these changes."""
    return as_bytes(push(**changes, **NOTE))


def spelled(latitude: bytes) -> bytes:
    """Return a push with this text as its latitude."""
    return fixed(latitude=77.7).replace(SIGNIFICANT, b'"latitude": ' + latitude)


CODE = RejectCode
LAT, LON, AT, DEVICE, MESSAGE = ("latitude",), ("longitude",), ("at_ms",), ("device_id",), ("message_id",)

REJECTED = [
    Bad(1, "latitude beyond the pole", fixed(latitude=91), CODE.RANGE, LAT),
    Bad(1, "latitude a little below the pole", fixed(latitude=-90.0001), CODE.RANGE, LAT),
    Bad(2, "longitude past the antimeridian", fixed(longitude=180.0001), CODE.RANGE, LON),
    Bad(2, "longitude all round", fixed(longitude=360), CODE.RANGE, LON),
    Bad(2, "longitude past it westward", fixed(longitude=-181), CODE.RANGE, LON),
    Bad(3, "swapped", fixed(latitude=-122.0, longitude=37.0), CODE.RANGE, LAT),
    Bad(4, "NaN", spelled(b"NaN"), CODE.NOT_JSON),
    Bad(5, "Infinity", spelled(b"Infinity"), CODE.NOT_JSON),
    Bad(5, "-Infinity", spelled(b"-Infinity"), CODE.NOT_JSON),
    Bad(5, "1e999", spelled(b"1e999"), CODE.RANGE, LAT),
    Bad(6, "numeric text", fixed(latitude="12.5"), CODE.TYPE, LAT),
    Bad(6, "the canary as text", fixed(latitude=CANARY), CODE.TYPE, LAT),
    Bad(6, "speed as text", fixed(speed_mps=CANARY), CODE.TYPE, ("speed_mps",)),
    *(Bad(7, repr(text), fixed(latitude=text), CODE.TYPE, LAT) for text in ("nan", "inf", " 12\n", "1_0", "١٢")),
    Bad(8, "true", fixed(latitude=True), CODE.TYPE, LAT),
    Bad(8, "false", fixed(longitude=False), CODE.TYPE, LON),
    Bad(9, "null", fixed(latitude=None), CODE.MISSING, LAT),
    Bad(9, "missing", fixed(longitude=...), CODE.MISSING, LON),
    Bad(10, "in a list", fixed(latitude=[12.5]), CODE.TYPE, LAT),
    Bad(10, "in an object", fixed(latitude={"v": 1}), CODE.TYPE, LAT),
    Bad(25, "seconds where milliseconds are declared", fixed(at_ms=NOON_MS // 1000), CODE.TOO_OLD, AT),
    Bad(25, "microseconds", fixed(at_ms=NOON_MS * 1000), CODE.RANGE, AT),
    Bad(25, "nanoseconds", fixed(at_ms=NOON_MS * 10**6), CODE.RANGE, AT),
    Bad(26, "a float", fixed(at_ms=1.698e18), CODE.TYPE, AT),
    Bad(26, "a fraction", fixed(at_ms=NOON_MS + 0.5), CODE.TYPE, AT),
    Bad(27, "time as text", fixed(at_ms="1698501145514000000"), CODE.TYPE, AT),
    Bad(28, "time zero", fixed(at_ms=0), CODE.TOO_OLD, AT),
    Bad(28, "negative time", fixed(at_ms=-1), CODE.TOO_OLD, AT),
    Bad(28, "2019", fixed(at_ms=1_577_836_799_999), CODE.TOO_OLD, AT),
    Bad(29, "year 2106", fixed(at_ms=4_294_967_296_000), CODE.RANGE, AT),
    Bad(30, "2**63", fixed(at_ms=2**63), CODE.RANGE, AT),
    Bad(30, "10**400", fixed(at_ms=10**400), CODE.RANGE, AT),
    Bad(30, "5,000 digits", fixed(at_ms=77).replace(b"77", b"7" * 5000), CODE.RANGE, AT),
    Bad(40, "no device", pushed(device_id=...), CODE.MISSING, DEVICE),
    Bad(40, "empty device", pushed(device_id=""), CODE.MISSING, DEVICE),
    Bad(40, "blank device", pushed(device_id="  "), CODE.PATTERN, DEVICE),
    Bad(41, "10 KB", pushed(device_id="x" * 10_000), CODE.PATTERN, DEVICE),
    *(Bad(line, name, pushed(device_id=text), CODE.PATTERN, DEVICE) for line, name, text in INVALID_DEVICE_IDS),
    Bad(45, "no key", pushed(), CODE.KEY_MISMATCH, DEVICE, key=None),
    Bad(45, "another device's key", pushed(), CODE.KEY_MISMATCH, DEVICE, key=b"phone-2"),
    Bad(45, "the key of a cell", pushed(), CODE.KEY_MISMATCH, DEVICE, key=b"phone-1\0older"),
    Bad(49, "negative", pushed(message_id=-1), CODE.RANGE, MESSAGE),
    Bad(49, "a fraction", pushed(message_id=1.5), CODE.TYPE, MESSAGE),
    Bad(49, "beyond exactness", pushed(message_id=2**53 + 1), CODE.RANGE, MESSAGE),
    Bad(49, "text", pushed(message_id=CANARY), CODE.TYPE, MESSAGE),
    Bad(50, "no fixes", pushed(fixes=[]), CODE.RANGE, ("fixes",)),
    Bad(50, "fixes null", pushed(fixes=None), CODE.MISSING, ("fixes",)),
    Bad(50, "fixes left out", pushed(fixes=...), CODE.MISSING, ("fixes",)),
    Bad(53, "more than a push has", pushed(fixes=[fix()] * (FIXES_MAX + 1)), CODE.RANGE, ("fixes",)),
    Bad(56, "null", b"null", CODE.NOT_OBJECT),
    Bad(56, "a list", b'["%s"]' % CANARY.encode(), CODE.NOT_OBJECT),
    Bad(56, "a number", CANARY.encode(), CODE.NOT_OBJECT),
    Bad(56, "a text", b'"%s"' % CANARY.encode(), CODE.NOT_OBJECT),
    Bad(57, "truncated", pushed()[:-1], CODE.NOT_JSON),
    Bad(57, "trailing comma", pushed()[:-1] + b",}", CODE.NOT_JSON),
    Bad(57, "comment", pushed() + b"//", CODE.NOT_JSON),
    Bad(57, "single quotes", pushed().replace(b'"', b"'"), CODE.NOT_JSON),
    Bad(57, "two objects", pushed() + pushed(), CODE.NOT_JSON),
    Bad(58, "latitude twice", spelled(b'1, "latitude": 2'), CODE.DUPLICATE_KEY),
    Bad(58, "latitude twice, once its start escaped", spelled(rb'1, "\u006catitude": 2'), CODE.DUPLICATE_KEY),
    Bad(58, "latitude twice, once its end escaped", spelled(rb'1, "latitud\u0065": 2'), CODE.DUPLICATE_KEY),
    Bad(58, "time twice", spelled(b'1, "at_ms": 1795262400001'), CODE.DUPLICATE_KEY),
    Bad(59, "100,000 deep", b'{"x":' + DEEP, CODE.DEPTH),
    Bad(59, "100,000 deep in a known field", b'{"device_id":"a","fixes":[' + DEEP, CODE.TYPE, ("fixes",)),
    Bad(59, "1,100 deep in a field that is skipped", pushed(x=0)[:-1] + b',"y":' + DEEP[:1100], CODE.DEPTH),
    Bad(62, "0xff", b'\xff{"device_id":"a"}', CODE.ENCODING),
    Bad(62, "0xff in a field that is skipped", pushed()[:-1] + b',"x":"\xff"}', CODE.ENCODING),
    Bad(62, "UTF-16", pushed().decode().encode("utf-16"), CODE.ENCODING),
    Bad(62, "byte order mark", b"\xef\xbb\xbf" + pushed(), CODE.ENCODING),
    Bad(62, "overlong", pushed()[:-1] + b',"x":"\xc0\xaf"}', CODE.ENCODING),
    Bad(62, "half a pair", pushed(source="@").replace(b"@", rb"\ud800"), CODE.ENCODING),
    Bad(65, "a tombstone", None, CODE.EMPTY),
    Bad(65, "zero bytes", b"", CODE.EMPTY),
    Bad(65, "no JSON", b"junk " + CANARY.encode(), CODE.NOT_JSON),
    Bad(65, "Avro", b"\0\0\0\0\1" + CANARY.encode(), CODE.NOT_JSON),
    Bad(66, "1,000,001 bytes", pushed().ljust(1_000_001), CODE.TOO_LARGE),
    Bad(67, "a card as device", pushed(device_id="4556737586899855"), CODE.CARD_IN_ID, DEVICE),
    Bad(68, "a card with dashes as device", pushed(device_id="4556-7375-8689-9855"), CODE.CARD_IN_ID, DEVICE),
    Bad(68, "a card as a number", spelled(CANARY.encode()), CODE.RANGE, LAT),
]


@pytest.mark.parametrize("row", REJECTED, ids=named)
def test_a_bad_push_becomes_one_dead_letter_with_code_and_field(row: Bad, caplog: pytest.LogCaptureFixture) -> None:
    letter = rejected(ingest_positions, row)
    assert (letter.code, letter.fields) == (row.code, row.fields)
    assert letter.payload_bytes == len(row.value or b"")
    assert not caplog.records


@dataclass(frozen=True)
class Accepted:
    """An accepted fix and its faults. `remembered`: values of the stored point; None: it is dropped."""

    line: int
    name: str
    changes: dict[str, Any]
    remembered: dict[str, Any] | None = field(default_factory=dict)
    faults: tuple[FixFault, ...] = ()


ACCEPTED = [
    Accepted(3, "swapped, as nobody can tell", {"latitude": -75.0, "longitude": 40.0}, {"latitude": -75.0}),
    Accepted(11, "null island", {"latitude": 0, "longitude": 0.0}, None, (FixFault.NULL_ISLAND,)),
    Accepted(11, "null island by negative zeros", {"latitude": -0.0, "longitude": -0.0}, None, (FixFault.NULL_ISLAND,)),
    Accepted(12, "north pole", {"latitude": 90, "longitude": 123.0}, {"latitude": 90.0}),
    Accepted(12, "south pole", {"latitude": -90.0}, {"latitude": -90.0}),
    Accepted(13, "just before the antimeridian", {"longitude": 179.9}, {"longitude": 179.9}),
    Accepted(13, "on the antimeridian", {"longitude": -180}, {"longitude": -180.0}),
    Accepted(15, "negative zero is zero", {"latitude": -0.0}, {"latitude_e7": 0}),
    Accepted(16, "17 digits", {"latitude": 40.123456789012345}, {"latitude_e7": 401_234_568}),
    Accepted(17, "speed -1", {"speed_mps": -1}, {"speed_mps": None}),
    Accepted(18, "a million metres a second", {"speed_mps": 1e6}, {"speed_mps": None}, (FixFault.SPEED_IMPOSSIBLE,)),
    Accepted(
        18, "a little faster than an airliner", {"speed_mps": 351.0}, {"speed_mps": None}, (FixFault.SPEED_IMPOSSIBLE,)
    ),
    Accepted(19, "no accuracy", {"horizontal_accuracy_m": ...}, {"accuracy_m": None}, (FixFault.ACCURACY_UNKNOWN,)),
    Accepted(19, "accuracy -1", {"horizontal_accuracy_m": -1}, {"accuracy_m": None}, (FixFault.ACCURACY_UNKNOWN,)),
    Accepted(19, "accuracy 0", {"horizontal_accuracy_m": 0}, {"accuracy_m": None}, (FixFault.ACCURACY_UNKNOWN,)),
    Accepted(20, "a cell tower", {"horizontal_accuracy_m": 50_000}, {"accuracy_m": 50_000}, (FixFault.ACCURACY_POOR,)),
    Accepted(20, "a network's", {"horizontal_accuracy_m": 100.0}, {"accuracy_m": 100.0}, (FixFault.ACCURACY_POOR,)),
    Accepted(21, "Android's accuracy", {"accuracy": 3}, {"accuracy_m": 5.0}),
    Accepted(22, "below the sea", {"altitude_m": -500}),
    Accepted(22, "an altitude that cannot be is not used, either", {"altitude_m": 1e308}),
    Accepted(23, "made up", {"mock": True}, {"mock": True}, (FixFault.MOCK,)),
    Accepted(29, "five minutes ahead", {"at_ms": NOON_MS + 300_000}),
    Accepted(29, "an hour ahead", {"at_ms": NOON_MS + 3_600_000}, None, (FixFault.FUTURE,)),
    Accepted(37, "an hour late", {"at_ms": NOON_MS - 3_603_000}, {}, (FixFault.TOO_LATE,)),
    Accepted(59, "17 deep in a field that is skipped", {"x": [[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]}),
    Accepted(63, "keys of other languages", {"$where": "1", "a.b": 1, "__proto__": {}, "\0": 1}),
    Accepted(70, "a track in a field that is skipped", {"track2": CANARY}),
    Accepted(76, "10,000 unknown keys", {f"k{number}": 1 for number in range(10_000)}),
]


@pytest.mark.parametrize("row", ACCEPTED, ids=named)
def test_an_unusual_fix_is_stored_with_exact_values_and_faults(row: Accepted, caplog: pytest.LogCaptureFixture) -> None:
    before = keyed(push(fix(-2)))
    batch = FakeBatch([before, FakeRecord(b"phone-1", fixed(**row.changes))])
    ingest_positions(batch, CONTEXT)
    assert not batch.sent
    assert tuple(batch.faults) == row.faults
    points = points_of(batch)
    assert len(points) == (1 if row.remembered is None else 2)
    last = max(points, key=lambda point: abs(point.at_ms - NOON_MS + 2000))
    assert {name: getattr(last, name) for name in row.remembered or {}} == (row.remembered or {})
    assert not any(map(shows_canary, batch.rows.values()))
    assert not caplog.records


def points_of(batch: FakeBatch, key: bytes = b"phone-1") -> list[TrackPoint]:
    points = [
        *PositionHistory(batch, key).evidence(NOON_MS).points,
        *PositionHistory(batch, key).evidence(NOON_MS - 3_603_000).points,
    ]
    return sorted(set(points))


def test_43_ids_that_differ_in_case_are_two_devices() -> None:
    batch = FakeBatch([keyed(push(fix(-1), device_id=name), key=name) for name in ("A", "a")])
    ingest_positions(batch, CONTEXT)
    assert [len(points_of(batch, key)) for key in (b"A", b"a")] == [1, 1]


def test_46_a_repeated_message_changes_nothing() -> None:
    once, twice = FakeBatch([keyed(push())]), FakeBatch([keyed(push())] * 2)
    ingest_positions(once, CONTEXT)
    ingest_positions(twice, CONTEXT)
    assert points_of(once) == points_of(twice)
    assert not twice.sent


def test_47_a_message_number_with_other_fixes_adds_them() -> None:
    batch = FakeBatch([keyed(push(fix(-1))), keyed(push(fix(-2)))])
    ingest_positions(batch, CONTEXT)
    assert len(points_of(batch)) == 2
    assert not batch.sent


def test_48_message_numbers_may_have_gaps_any_order_and_restarts() -> None:
    numbers = [("s1", 5), ("s1", 2), ("s1", 9), ("s2", 0)]
    pushes = [push(fix(-at), session_id=name, message_id=number) for at, (name, number) in enumerate(numbers, 1)]
    batch = FakeBatch([keyed(one) for one in pushes])
    ingest_positions(batch, CONTEXT)
    assert len(points_of(batch)) == 4
    assert not batch.sent


def test_66_a_record_of_999_999_bytes_is_accepted() -> None:
    batch = FakeBatch([FakeRecord(b"phone-1", pushed().ljust(999_999))])
    ingest_positions(batch, CONTEXT)
    assert len(points_of(batch)) == 1
