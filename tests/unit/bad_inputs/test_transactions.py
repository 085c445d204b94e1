"""docs/reference/bad-inputs.md on the `transactions` topic."""

from typing import Any

import pytest

from agents.score import score
from schemas.codes.reject import Reject, RejectCode
from schemas.payment import parse_payment
from tests.support.bad_inputs import CANARY, DEEP, INVALID_DEVICE_IDS, Bad, named, rejected
from tests.support.make import CARD, NOON_MS, as_bytes, payment

SIGNIFICANT = b'"latitude": 77.7'


def paid(**changes: Any) -> bytes:
    """Return a valid payment with the canary as card number, and with these changes."""
    known = {"card_number": CANARY, "name": CANARY, "user_id": CANARY, "note": CANARY}
    return as_bytes(payment(**known | changes))


def spelled(latitude: bytes) -> bytes:
    """Return a payment with this text as its latitude."""
    return paid(latitude=77.7).replace(SIGNIFICANT, b'"latitude": ' + latitude)


CODE = RejectCode
LAT, LON, TIME, DEVICE = ("latitude",), ("longitude",), ("timestamp",), ("device_id",)
AMOUNT, CURRENCY, CARD_NUMBER = ("amount",), ("currency",), ("card_number",)

REJECTED = [
    Bad(1, "latitude beyond the pole", paid(latitude=91), CODE.RANGE, LAT),
    Bad(1, "latitude a little below the pole", paid(latitude=-90.0001), CODE.RANGE, LAT),
    Bad(2, "longitude past the antimeridian", paid(longitude=180.0001), CODE.RANGE, LON),
    Bad(2, "longitude all round", paid(longitude=360), CODE.RANGE, LON),
    Bad(2, "longitude past it westward", paid(longitude=-181), CODE.RANGE, LON),
    Bad(3, "swapped", paid(latitude=-122.0, longitude=37.0), CODE.RANGE, LAT),
    Bad(4, "NaN", spelled(b"NaN"), CODE.NOT_JSON),
    Bad(5, "Infinity", spelled(b"Infinity"), CODE.NOT_JSON),
    Bad(5, "-Infinity", spelled(b"-Infinity"), CODE.NOT_JSON),
    Bad(5, "1e999", spelled(b"1e999"), CODE.RANGE),
    Bad(6, "numeric text", paid(latitude="12.5"), CODE.TYPE, LAT),
    Bad(6, "the canary as text", paid(latitude=CANARY), CODE.TYPE, LAT),
    Bad(6, "merchant as a number", paid(merchant=int(CANARY)), CODE.TYPE, ("merchant",)),
    *(Bad(7, repr(text), paid(latitude=text), CODE.TYPE, LAT) for text in ("nan", "inf", " 12\n", "1_0", "١٢")),
    *(
        Bad(7, f"{text!r} as published", paid(latitude=..., **{"Location Latitude": text}), CODE.TYPE, LAT)
        for text in ("nan", "inf", " 12", "12\n", "1_0", "0x10", "١٢", "")
    ),
    Bad(8, "true", paid(latitude=True), CODE.TYPE, LAT),
    Bad(8, "false", paid(latitude=False), CODE.TYPE, LAT),
    Bad(9, "only one null", paid(latitude=None), CODE.MISSING, LAT),
    Bad(9, "missing", paid(latitude=...), CODE.MISSING, LAT),
    Bad(9, "both missing", paid(latitude=..., longitude=...), CODE.MISSING, LAT + LON),
    Bad(10, "in a list", paid(latitude=[12.5]), CODE.TYPE, LAT),
    Bad(10, "in an object", paid(latitude={"v": 1}), CODE.TYPE, LAT),
    Bad(24, "nanoseconds where seconds are declared", paid(timestamp=NOON_MS * 10**6), CODE.AMBIGUOUS_UNIT, TIME),
    Bad(25, "milliseconds", paid(timestamp=NOON_MS), CODE.AMBIGUOUS_UNIT, TIME),
    Bad(25, "microseconds", paid(timestamp=NOON_MS * 1000), CODE.AMBIGUOUS_UNIT, TIME),
    Bad(26, "nanoseconds as a float", paid(timestamp=1.698e18), CODE.AMBIGUOUS_UNIT, TIME),
    Bad(27, "time as digits in text", paid(timestamp="1698501145514000000"), CODE.DATE, TIME),
    Bad(28, "time zero", paid(timestamp=0), CODE.TOO_OLD, TIME),
    Bad(28, "negative time", paid(timestamp=-1), CODE.TOO_OLD, TIME),
    Bad(28, "2019", paid(timestamp="2019-12-31T23:59:59.999999Z"), CODE.TOO_OLD, TIME),
    Bad(28, "null", paid(timestamp=None), CODE.MISSING, TIME),
    Bad(28, "true", paid(timestamp=True), CODE.TYPE, TIME),
    Bad(29, "year 2106", paid(timestamp="2106-02-07T06:28:16Z"), CODE.RANGE, TIME),
    Bad(30, "2**63", paid(timestamp=2**63), CODE.RANGE, TIME),
    Bad(30, "10**400", paid(timestamp=10**400), CODE.RANGE, TIME),
    Bad(30, "5,000 digits", paid(timestamp="@").replace(b'"@"', b"7" * 5000), CODE.RANGE),
    Bad(32, "no zone", paid(timestamp="2026-11-21T10:15:30"), CODE.NO_ZONE, TIME),
    Bad(33, "a gap of summer time", paid(timestamp="2026-03-29T02:30:00 Europe/Berlin"), CODE.DATE, TIME),
    Bad(33, "an hour that comes twice", paid(timestamp="2026-10-25T02:30:00[Europe/Berlin]"), CODE.DATE, TIME),
    Bad(35, "30 February", paid(timestamp="2024-02-30T12:00:00Z"), CODE.DATE, TIME),
    Bad(35, "a second past 24 o'clock", paid(timestamp="2026-11-21T24:00:01Z"), CODE.DATE, TIME),
    Bad(40, "no device", paid(device_id=...), CODE.MISSING, DEVICE),
    Bad(40, "empty device", paid(device_id=""), CODE.MISSING, DEVICE),
    Bad(40, "blank device", paid(device_id="  "), CODE.PATTERN, DEVICE),
    Bad(40, "a number", paid(device_id=int(CANARY)), CODE.TYPE, DEVICE),
    Bad(41, "10 KB", paid(device_id="x" * 10_000), CODE.PATTERN, DEVICE),
    *(Bad(line, name, paid(device_id=text), CODE.PATTERN, DEVICE) for line, name, text in INVALID_DEVICE_IDS),
    Bad(45, "no key", paid(), CODE.KEY_MISMATCH, DEVICE, key=None),
    Bad(45, "another device's key", paid(), CODE.KEY_MISMATCH, DEVICE, key=b"phone-2"),
    Bad(56, "null", b"null", CODE.NOT_OBJECT),
    Bad(56, "a list", b'["%s"]' % CANARY.encode(), CODE.NOT_OBJECT),
    Bad(56, "a number", CANARY.encode(), CODE.NOT_OBJECT),
    Bad(56, "a text", b'"%s"' % CANARY.encode(), CODE.NOT_OBJECT),
    Bad(56, "blanks", b"  ", CODE.NOT_JSON),
    Bad(57, "truncated", paid()[:-1], CODE.NOT_JSON),
    Bad(57, "trailing comma", paid()[:-1] + b",}", CODE.NOT_JSON),
    Bad(57, "comment", paid()[:-1] + b"/*x*/}", CODE.NOT_JSON),
    Bad(57, "single quotes", paid().replace(b'"', b"'"), CODE.NOT_JSON),
    Bad(57, "two objects", paid() + paid(), CODE.NOT_JSON),
    Bad(58, "card twice", paid()[:-1] + b',"card_number":"%s"}' % CARD.encode(), CODE.DUPLICATE_KEY),
    Bad(58, "a key twice, once escaped", paid()[:-1] + rb',"l\u0061titude":1}', CODE.DUPLICATE_KEY),
    Bad(58, "a key twice, deep inside", paid()[:-1] + b',"a":[{"b":1,"b":1}]}', CODE.DUPLICATE_KEY),
    Bad(58, "in both spellings", paid(Amount="1"), CODE.DUPLICATE_KEY, AMOUNT),
    Bad(59, "100,000 deep", paid()[:-1] + b',"a":' + DEEP, CODE.DEPTH),
    Bad(59, "1,100 deep", paid()[:-1] + b',"a":' + DEEP[:1100] + b"]" * 1100 + b"}", CODE.DEPTH),
    Bad(59, "17 deep", paid()[:-1] + b',"a":' + DEEP[:16] + b"]" * 16 + b"}", CODE.DEPTH),
    Bad(62, "0xff", paid(merchant="@").replace(b"@", b"\xff"), CODE.ENCODING),
    Bad(62, "UTF-16", paid().decode().encode("utf-16"), CODE.ENCODING),
    Bad(62, "byte order mark", b"\xef\xbb\xbf" + paid(), CODE.ENCODING),
    Bad(62, "overlong", paid(merchant="@").replace(b"@", b"\xc0\xaf"), CODE.ENCODING),
    Bad(62, "half a pair", paid(merchant="@").replace(b"@", rb"\ud800"), CODE.ENCODING),
    Bad(63, "zero in a text", paid(merchant=f"{CANARY}\0"), CODE.PATTERN, ("merchant",)),
    Bad(63, "zero in a transaction id", paid(transaction_id=f"{CANARY}\0"), CODE.PATTERN, ("transaction_id",)),
    Bad(63, "zero in a user id", paid(user_id=f"{CANARY}\0"), CODE.PATTERN, ("user_id",)),
    Bad(63, "zero unescaped", paid(merchant="@").replace(b"@", b"\0"), CODE.NOT_JSON),
    Bad(65, "a tombstone", None, CODE.EMPTY),
    Bad(65, "zero bytes", b"", CODE.EMPTY),
    Bad(65, "no JSON", b"junk " + CANARY.encode(), CODE.NOT_JSON),
    Bad(65, "Avro", b"\0\0\0\0\1" + CANARY.encode(), CODE.NOT_JSON),
    Bad(66, "1,000,001 bytes", paid().ljust(1_000_001), CODE.TOO_LARGE),
    Bad(67, "this card as device", paid(device_id=CANARY), CODE.CARD_IN_ID, DEVICE),
    Bad(67, "this card in the device", paid(device_id=f"p{CANARY}"), CODE.CARD_IN_ID, DEVICE),
    Bad(67, "another card as device", paid(device_id=CARD), CODE.CARD_IN_ID, DEVICE),
    Bad(67, "another card in the device", paid(device_id=f"p-{CARD}"), CODE.CARD_IN_ID, DEVICE),
    Bad(68, "this card punctuated in the device", paid(device_id="p4929-5671.23456787"), CODE.CARD_IN_ID, DEVICE),
    Bad(68, "full-width digits", paid(card_number="４９２９５６７１２３４５６７８７"), CODE.CARD_FORMAT, CARD_NUMBER),
    Bad(68, "Arabic digits", paid(card_number="٤٩٢٩٥٦٧١٢٣٤٥٦٧٨٧"), CODE.CARD_FORMAT, CARD_NUMBER),
    Bad(68, "a JSON number", paid(card_number=int(CANARY)), CODE.TYPE, CARD_NUMBER),
    Bad(68, "a JSON number with a point", paid(card_number=float(CANARY)), CODE.TYPE, CARD_NUMBER),
    Bad(68, "a JSON number with an exponent", paid(card_number=4.111e15), CODE.TYPE, CARD_NUMBER),
    Bad(68, "as latitude", paid(latitude=float(CANARY)), CODE.RANGE, LAT),
    Bad(68, "as amount", paid(amount=CANARY), CODE.PATTERN, AMOUNT),
    Bad(69, "11 digits", paid(card_number="49295671234"), CODE.CARD_FORMAT, CARD_NUMBER),
    Bad(69, "20 digits", paid(card_number=CANARY + "1234"), CODE.CARD_FORMAT, CARD_NUMBER),
    Bad(69, "zeros", paid(card_number="0" * 16), CODE.CARD_FORMAT, CARD_NUMBER),
    Bad(69, "letters", paid(card_number=f"{CANARY}x"), CODE.CARD_FORMAT, CARD_NUMBER),
    Bad(69, "empty", paid(card_number=""), CODE.MISSING, CARD_NUMBER),
    Bad(69, "none", paid(card_number=...), CODE.MISSING, CARD_NUMBER),
    Bad(70, "CVV", paid(cvv=CANARY), CODE.SENSITIVE, ("cvv",)),
    Bad(70, "CVV, written otherwise", paid(**{"C.V.V-2": CANARY}), CODE.SENSITIVE, ("cvv2",)),
    Bad(70, "track 2", paid(Track_2=CANARY), CODE.SENSITIVE, ("track2",)),
    Bad(70, "PIN block", paid(pin_block=CANARY), CODE.SENSITIVE, ("pinblock",)),
    Bad(70, "empty", paid(cvv=None), CODE.SENSITIVE, ("cvv",)),
    Bad(72, "amount with an exponent", paid(amount="1e3"), CODE.PATTERN, AMOUNT),
    Bad(72, "amount in Arabic digits", paid(amount="١٢"), CODE.PATTERN, AMOUNT),
    Bad(72, "amount with an underscore", paid(amount="1_0"), CODE.PATTERN, AMOUNT),
    Bad(72, "amount that is the canary and more", paid(amount=f"{CANARY}x"), CODE.PATTERN, AMOUNT),
    Bad(72, "amount below zero", paid(amount=-5), CODE.RANGE, AMOUNT),
    Bad(72, "amount NaN", paid(amount=float("nan")), CODE.NOT_JSON),
    Bad(72, "amount beyond belief", paid(amount=10**30), CODE.RANGE, AMOUNT),
    Bad(72, "amount true", paid(amount=True), CODE.TYPE, AMOUNT),
    Bad(72, "amount null", paid(amount=None), CODE.MISSING, AMOUNT),
    Bad(72, "currency in small letters", paid(currency="usd"), CODE.PATTERN, CURRENCY),
    Bad(72, "currency of nowhere", paid(currency="XXX"), CODE.PATTERN, CURRENCY),
    Bad(74, "no transaction id", paid(transaction_id=...), CODE.MISSING, ("transaction_id",)),
    Bad(74, "empty transaction id", paid(transaction_id=""), CODE.MISSING, ("transaction_id",)),
    Bad(76, "a text of 257 letters", paid(merchant="x" * 257), CODE.RANGE, ("merchant",)),
    Bad(76, "two fields wrong: the first one's code", paid(latitude=91, amount="x"), CODE.PATTERN, AMOUNT + LAT),
]


@pytest.mark.parametrize("row", REJECTED, ids=named)
def test_a_bad_payment_becomes_one_dead_letter_with_code_and_field(row: Bad, caplog: pytest.LogCaptureFixture) -> None:
    letter = rejected(score, row)
    assert (letter.code, letter.fields) == (row.code, row.fields)
    assert letter.payload_bytes == len(row.value or b"")
    assert not caplog.records


def test_69_a_card_that_fails_the_luhn_check_is_rejected_in_strict_mode() -> None:
    assert parse_payment(paid(), luhn=True) == Reject(CODE.CARD_FORMAT, CARD_NUMBER)


def test_the_canary_is_in_every_row_that_has_room_for_it() -> None:
    without = {(row.line, row.name) for row in REJECTED if CANARY.encode() not in (row.value or b"")}
    assert without == {(56, "null"), (56, "blanks"), (62, "UTF-16"), (65, "a tombstone"), (65, "zero bytes")}
