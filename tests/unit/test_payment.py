"""Payments, good and bad."""

from typing import Any

import pytest

from schemas.payment import Payment, parse_payment
from schemas.reject import Reject, RejectCode
from tests.support.make import CARD, as_bytes, payment

REFUSED: list[tuple[str, dict[str, Any], RejectCode, tuple[str, ...]]] = [
    ("latitude beyond the pole", {"latitude": 90.0001}, RejectCode.RANGE, ("latitude",)),
    ("latitude below the pole", {"latitude": -90.0001}, RejectCode.RANGE, ("latitude",)),
    ("longitude past the antimeridian", {"longitude": 180.0001}, RejectCode.RANGE, ("longitude",)),
    ("longitude all round", {"longitude": 360}, RejectCode.RANGE, ("longitude",)),
    ("coordinates swapped", {"latitude": -122.0, "longitude": 37.0}, RejectCode.RANGE, ("latitude",)),
    ("latitude as text", {"latitude": "12.5"}, RejectCode.TYPE, ("latitude",)),
    ("latitude true", {"latitude": True}, RejectCode.TYPE, ("latitude",)),
    ("latitude in a list", {"latitude": [12.5]}, RejectCode.TYPE, ("latitude",)),
    ("latitude in an object", {"latitude": {"v": 1}}, RejectCode.TYPE, ("latitude",)),
    ("no latitude", {"latitude": ...}, RejectCode.MISSING, ("latitude",)),
    ("only latitude null", {"latitude": None}, RejectCode.MISSING, ("latitude",)),
    ("no coordinates", {"latitude": ..., "longitude": ...}, RejectCode.MISSING, ("latitude", "longitude")),
    ("no device", {"device_id": ...}, RejectCode.MISSING, ("device_id",)),
    ("empty device", {"device_id": ""}, RejectCode.MISSING, ("device_id",)),
    ("blank device", {"device_id": "   "}, RejectCode.PATTERN, ("device_id",)),
    ("device with a slash", {"device_id": "../x"}, RejectCode.PATTERN, ("device_id",)),
    ("device with a line break", {"device_id": "phone-1\n"}, RejectCode.PATTERN, ("device_id",)),
    ("device with a zero", {"device_id": "phone\x00"}, RejectCode.PATTERN, ("device_id",)),
    ("device in look-alike letters", {"device_id": "рhone-1"}, RejectCode.PATTERN, ("device_id",)),
    ("device of 10 KB", {"device_id": "x" * 10_000}, RejectCode.PATTERN, ("device_id",)),
    ("device that is a card number", {"device_id": CARD}, RejectCode.CARD_IN_ID, ("device_id",)),
    ("device that is a number", {"device_id": 7}, RejectCode.TYPE, ("device_id",)),
    ("no transaction id", {"transaction_id": ...}, RejectCode.MISSING, ("transaction_id",)),
    ("empty transaction id", {"transaction_id": ""}, RejectCode.MISSING, ("transaction_id",)),
    ("time without offset", {"timestamp": "2026-11-21T10:15:30"}, RejectCode.NO_ZONE, ("timestamp",)),
    ("time in milliseconds", {"timestamp": 1795256130250}, RejectCode.AMBIGUOUS_UNIT, ("timestamp",)),
    ("time true", {"timestamp": True}, RejectCode.TYPE, ("timestamp",)),
    ("time null", {"timestamp": None}, RejectCode.MISSING, ("timestamp",)),
    ("amount with an exponent", {"amount": "1e3"}, RejectCode.PATTERN, ("amount",)),
    ("amount in Arabic digits", {"amount": "١٢"}, RejectCode.PATTERN, ("amount",)),
    ("amount with an underscore", {"amount": "1_0"}, RejectCode.PATTERN, ("amount",)),
    ("amount below zero", {"amount": -5}, RejectCode.RANGE, ("amount",)),
    ("amount beyond belief", {"amount": 10**30}, RejectCode.RANGE, ("amount",)),
    ("amount true", {"amount": True}, RejectCode.TYPE, ("amount",)),
    ("currency in small letters", {"currency": "usd"}, RejectCode.PATTERN, ("currency",)),
    ("currency of nowhere", {"currency": "XXX"}, RejectCode.PATTERN, ("currency",)),
    ("no card", {"card_number": ...}, RejectCode.MISSING, ("card_number",)),
    ("empty card", {"card_number": ""}, RejectCode.MISSING, ("card_number",)),
    ("card as a number", {"card_number": 4111111111111111}, RejectCode.TYPE, ("card_number",)),
    ("card as a float", {"card_number": 4.111e15}, RejectCode.TYPE, ("card_number",)),
    ("card too short", {"card_number": "41111111111"}, RejectCode.CARD_FORMAT, ("card_number",)),
    ("card too long", {"card_number": "4" * 20}, RejectCode.CARD_FORMAT, ("card_number",)),
    ("card of zeros", {"card_number": "0" * 16}, RejectCode.CARD_FORMAT, ("card_number",)),
    (
        "card in full-width digits",
        {"card_number": "４１１１１１１１１１１１１１１１"},
        RejectCode.CARD_FORMAT,
        ("card_number",),
    ),
    ("this card in the device id", {"device_id": f"p{CARD}"}, RejectCode.CARD_IN_ID, ("device_id",)),
    (
        "this card in the device id, punctuated",
        {"device_id": "p4556-7375-8689.9855"},
        RejectCode.CARD_IN_ID,
        ("device_id",),
    ),
    ("another card in the device id", {"device_id": "p-4111111111111111"}, RejectCode.CARD_IN_ID, ("device_id",)),
    ("card with letters", {"card_number": "4111x11111111111"}, RejectCode.CARD_FORMAT, ("card_number",)),
    ("verification value", {"cvv": "123"}, RejectCode.SENSITIVE, ("cvv",)),
    ("verification value, written otherwise", {"C.V.V-2": "123"}, RejectCode.SENSITIVE, ("cvv2",)),
    ("track data", {"Track_2": "x"}, RejectCode.SENSITIVE, ("track2",)),
    ("PIN block", {"pin_block": "x"}, RejectCode.SENSITIVE, ("pinblock",)),
    ("merchant as a number", {"merchant": 5}, RejectCode.TYPE, ("merchant",)),
    ("merchant too long", {"merchant": "x" * 257}, RejectCode.RANGE, ("merchant",)),
    ("the same field in both spellings", {"Amount": "1"}, RejectCode.DUPLICATE_KEY, ("amount",)),
    (
        "two fields wrong: the first one's code, both names",
        {"latitude": 91, "amount": "x"},
        RejectCode.PATTERN,
        ("amount", "latitude"),
    ),
]


@pytest.mark.parametrize(("changes", "code", "fields"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_malformed_payment_is_refused_with_code_and_field(
    changes: dict[str, Any], code: RejectCode, fields: tuple[str, ...]
) -> None:
    assert parse_payment(as_bytes(payment(**changes))) == Reject(code, fields)


def read(**changes: Any) -> Payment:
    parsed = parse_payment(as_bytes(payment(**changes)))
    assert isinstance(parsed, Payment)
    return parsed


def test_a_payment_is_read_as_it_is_written() -> None:
    parsed = read()
    assert (parsed.device_id, str(parsed.amount), parsed.latitude) == ("phone-1", "481.84", 40.0)
    assert parsed.card_number.get_secret_value() == CARD


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("481.84", "481.84"),
        ("7", "7.00"),
        (7, "7.00"),
        (0, "0.00"),
        (0.1 + 0.2, "0.30"),
        ("481.849", "481.85"),
        (-0.0, "0.00"),
    ],
)
def test_an_amount_keeps_two_fraction_digits(written: str | float, kept: str) -> None:
    assert str(read(amount=written).amount) == kept


@pytest.mark.parametrize("written", ["4556 7375 8689 9855", "4556-7375-8689-9855", CARD])
def test_spaces_and_dashes_in_a_card_number_do_not_matter(written: str) -> None:
    assert read(card_number=written).card_number.get_secret_value() == CARD


def test_a_card_that_fails_its_check_digit_is_accepted_unless_the_strict_setting_is_on() -> None:
    wrong = as_bytes(payment(card_number="4556737586899856"))
    assert isinstance(parse_payment(wrong), Payment)
    assert parse_payment(wrong, luhn=True) == Reject(RejectCode.CARD_FORMAT, ("card_number",))


def test_both_coordinates_null_is_a_payment_without_place() -> None:
    assert read(latitude=None, longitude=None).latitude is None


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(90.0, 12.0), (-90.0, 0.0), (0.0, 180.0), (0.0, -180.0), (-0.0, 5)]
)
def test_the_edges_of_the_world_are_places(latitude: float, longitude: float) -> None:
    assert read(latitude=latitude, longitude=longitude).latitude == latitude


def test_unknown_fields_are_dropped() -> None:
    parsed = read(**{"$where": "1", "__proto__": {}, "extra": [1]})
    assert not hasattr(parsed, "extra")


@pytest.mark.parametrize("written", [-1, 0, 0.0, None])
def test_a_location_accuracy_that_cannot_be_is_unknown(written: float | None) -> None:
    assert read(location_accuracy_m=written).location_accuracy_m is None


def test_a_uuid_is_a_device_id_whatever_its_digits() -> None:
    assert read(device_id="4929567e-1234-4678-8899-456789012345").device_id.startswith("4929567e")


def test_the_published_spelling_is_read_too() -> None:
    record = {
        "Transaction ID": "T-1",
        "User ID": "u",
        "Device ID": "phone-1",
        "Name": "Pat",
        "Timestamp": "2024-04-27T14:27:43.107526Z",
        "Amount": "12.00",
        "Card Number": CARD,
        "Merchant ID": "m",
        "Merchant": "Shop",
        "Merchant_category": "food",
        "Location Latitude": "37.335816",
        "Location Longitude": "-121.895130",
        "Transaction Type": "purchase",
        "Transaction_device": "pos",
    }
    parsed = parse_payment(as_bytes(record))
    assert isinstance(parsed, Payment)
    assert (parsed.transaction_id, parsed.latitude, parsed.longitude) == ("T-1", 37.335816, -121.89513)


@pytest.mark.parametrize("written", ["nan", "inf", " 12", "12\n", "1_0", "0x10", "١٢", ""])
def test_text_that_only_looks_like_a_number_is_no_published_coordinate(written: str) -> None:
    record = payment(latitude=...) | {"Location Latitude": written}
    assert parse_payment(as_bytes(record)) == Reject(RejectCode.TYPE, ("latitude",))


def test_a_payment_never_shows_what_it_holds() -> None:
    parsed = read(merchant=f"shop {CARD}")
    assert CARD not in f"{parsed!r} {parsed} {[parsed]}"


def test_what_is_wrong_with_a_payment_does_not_quote_it() -> None:
    reject = parse_payment(as_bytes(payment(amount=CARD + "x", latitude=CARD)))
    assert CARD not in repr(reject)
