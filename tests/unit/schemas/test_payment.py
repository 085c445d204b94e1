"""Parsing of payments."""

from typing import Any

import pytest

from schemas.payment import Payment, parse_payment
from tests.support.make import CARD, as_bytes, payment


def read(**changes: Any) -> Payment:
    parsed = parse_payment(as_bytes(payment(**changes)))
    assert isinstance(parsed, Payment)
    return parsed


def test_a_payment_has_the_values_of_its_record() -> None:
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
def test_an_amount_is_rounded_to_two_fraction_digits(written: str | float, kept: str) -> None:
    assert str(read(amount=written).amount) == kept


@pytest.mark.parametrize("written", ["4556 7375 8689 9855", "4556-7375-8689-9855", CARD])
def test_spaces_and_dashes_in_a_card_number_are_ignored(written: str) -> None:
    assert read(card_number=written).card_number.get_secret_value() == CARD


@pytest.mark.parametrize("written", [-1, 0, 0.0, None])
def test_an_impossible_location_accuracy_is_unknown(written: float | None) -> None:
    assert read(location_accuracy_m=written).location_accuracy_m is None


def test_a_uuid_with_many_digits_is_a_device_id() -> None:
    assert read(device_id="4929567e-1234-4678-8899-456789012345").device_id.startswith("4929567e")


def test_the_published_field_names_are_accepted() -> None:
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


def test_the_representation_of_a_payment_has_no_content() -> None:
    parsed = read(merchant=f"shop {CARD}")
    assert CARD not in f"{parsed!r} {parsed} {[parsed]}"
