"""Pushes, good and bad."""

from typing import Any

import pytest

from schemas.push import FIXES_MAX, Push, encode_push, parse_push
from schemas.reject import Reject, RejectCode
from tests.support.make import CARD, as_bytes, fix, push

REFUSED: list[tuple[str, dict[str, Any], RejectCode, tuple[str, ...]]] = [
    ("latitude beyond the pole", push(fix(latitude=91)), RejectCode.RANGE, ("latitude",)),
    ("longitude past the antimeridian", push(fix(longitude=-181)), RejectCode.RANGE, ("longitude",)),
    ("latitude as text", push(fix(latitude="12.5")), RejectCode.TYPE, ("latitude",)),
    ("latitude false", push(fix(latitude=False)), RejectCode.TYPE, ("latitude",)),
    ("latitude null", push(fix(latitude=None)), RejectCode.MISSING, ("latitude",)),
    ("no longitude", push(fix(longitude=...)), RejectCode.MISSING, ("longitude",)),
    ("speed as text", push(fix(speed_mps="fast")), RejectCode.TYPE, ("speed_mps",)),
    ("time as text", push(fix(at_ms="1795262400000")), RejectCode.TYPE, ("at_ms",)),
    ("time as a fraction", push(fix(at_ms=1795262400000.5)), RejectCode.TYPE, ("at_ms",)),
    ("time zero", push(fix(at_ms=0)), RejectCode.TOO_OLD, ("at_ms",)),
    ("time in seconds", push(fix(at_ms=1795262400)), RejectCode.TOO_OLD, ("at_ms",)),
    ("time in nanoseconds", push(fix(at_ms=1795262400000000000)), RejectCode.RANGE, ("at_ms",)),
    ("time of 300 digits", push(fix(at_ms=10**300)), RejectCode.RANGE, ("at_ms",)),
    ("year 2106", push(fix(at_ms=4294967296000)), RejectCode.RANGE, ("at_ms",)),
    ("no fixes", push() | {"fixes": []}, RejectCode.RANGE, ("fixes",)),
    ("fixes null", push() | {"fixes": None}, RejectCode.MISSING, ("fixes",)),
    ("fixes left out", push(fixes=...), RejectCode.MISSING, ("fixes",)),
    ("more fixes than a push has", push() | {"fixes": [fix()] * (FIXES_MAX + 1)}, RejectCode.RANGE, ("fixes",)),
    ("no device", push(device_id=...), RejectCode.MISSING, ("device_id",)),
    ("empty device", push(device_id=""), RejectCode.MISSING, ("device_id",)),
    ("device with a slash", push(device_id="a/b"), RejectCode.PATTERN, ("device_id",)),
    ("device of 10 KB", push(device_id="x" * 10_000), RejectCode.RANGE, ("device_id",)),
    ("device that is a card number", push(device_id=CARD), RejectCode.CARD_IN_ID, ("device_id",)),
    (
        "device that is a card number with dashes",
        push(device_id="4556-7375-8689-9855"),
        RejectCode.CARD_IN_ID,
        ("device_id",),
    ),
    ("message number below zero", push(message_id=-1), RejectCode.RANGE, ("message_id",)),
    ("message number with a fraction", push(message_id=1.5), RejectCode.TYPE, ("message_id",)),
    ("message number beyond exactness", push(message_id=2**53 + 1), RejectCode.RANGE, ("message_id",)),
    ("message number as text", push(message_id="1"), RejectCode.TYPE, ("message_id",)),
]


@pytest.mark.parametrize(("record", "code", "fields"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_malformed_push_is_refused_with_code_and_field(
    record: dict[str, Any], code: RejectCode, fields: tuple[str, ...]
) -> None:
    assert parse_push(as_bytes(record)) == Reject(code, fields)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, RejectCode.EMPTY),
        (b"", RejectCode.EMPTY),
        (b"[]", RejectCode.NOT_OBJECT),
        (b"null", RejectCode.NOT_OBJECT),
        (b'{"device_id":"a","fixes":[{"at_ms":1795262400000,"latitude":NaN,"longitude":1}]}', RejectCode.NOT_JSON),
        (b'{"device_id":"a","fixes":[{"at_ms":1795262400000,"latitude":1e999,"longitude":1}]}', RejectCode.RANGE),
        (b'{"device_id":"a","fixes":[' + b"[" * 100_000, RejectCode.TYPE),
        (b'{"x":' + b"[" * 100_000, RejectCode.DEPTH),
        (b'\xff{"device_id":"a"}', RejectCode.ENCODING),
        (b'{"x":"\xff"}', RejectCode.ENCODING),
        (
            b'{"device_id":"a","fixes":[{"at_ms":1795262400000,"latitude":1,"latitude":2,"longitude":1}]}',
            RejectCode.DUPLICATE_KEY,
        ),
        (
            rb'{"device_id":"a","fixes":[{"at_ms":1795262400000,"latitude":1,"\u006catitude":2,"longitude":1}]}',
            RejectCode.DUPLICATE_KEY,
        ),
        (
            b'{"device_id":"a","fixes":[{"at_ms":1795262400000,"at_ms":1795262400001,"latitude":1,"longitude":1}]}',
            RejectCode.DUPLICATE_KEY,
        ),
    ],
)
def test_what_is_no_push_at_all_is_refused(value: bytes | None, code: RejectCode) -> None:
    reject = parse_push(value)
    assert isinstance(reject, Reject)
    assert reject.code is code


def read(record: dict[str, Any]) -> Push:
    parsed = parse_push(as_bytes(record))
    assert isinstance(parsed, Push)
    return parsed


def test_a_push_is_read_as_it_is_written() -> None:
    parsed = read(push(fix(1.5, speed_mps=0.33), fix(2)))
    assert [fix.at_ms % 10_000 for fix in parsed.fixes] == [1500, 2000]
    assert (parsed.device_id, parsed.message_id, parsed.fixes[0].speed_mps) == ("phone-1", 1, 0.33)


def test_what_was_written_by_us_is_read_back_unchanged() -> None:
    parsed = read(push(fix(mock=True), fix(1, horizontal_accuracy_m=None)))
    assert parse_push(encode_push(parsed)) == parsed


@pytest.mark.parametrize("device_id", ["A", "a", "0f3c", "a.b_c-d", "x" * 128, "353879234252633"])
def test_letters_digits_dots_dashes_and_underscores_make_a_device_id(device_id: str) -> None:
    assert read(push(device_id=device_id)).device_id == device_id


def test_spellings_with_blanks_and_unknown_fields_are_read_too() -> None:
    fixes = b'[ { "at_ms" : 1795262400000 , "latitude" : 1 , "longitude" : 2 } ]'
    assert isinstance(parse_push(b'{ "extra" : {"a":1} , "device_id" : "a" , "fixes" : %s }' % fixes), Push)


def test_whole_numbers_are_coordinates() -> None:
    assert read(push(fix(latitude=40, longitude=-75))).fixes[0].latitude == 40.0
