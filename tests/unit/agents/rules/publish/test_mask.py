"""Mask: nothing that leaves the detector identifies anybody."""

import base64
from typing import Any

import pytest

from agents.rules.publish.mask import REMOVED, Key, Masker
from schemas.payment import Payment, parse_payment
from schemas.verdict import MaskedPayment, MerchantLocation
from tests.support.make import CARD, HOME, as_bytes, payment

MASKER = Masker(Key("k1", b"a key for tests, and for nothing else."))


def masked(**changes: Any) -> MaskedPayment:
    parsed = parse_payment(as_bytes(payment(**changes)))
    assert isinstance(parsed, Payment)
    return MASKER.mask(parsed)


def test_a_masked_card_keeps_its_last_four_digits_and_a_token() -> None:
    assert masked().card_last4 == CARD[-4:]
    kind, key_id, digest = masked().card_token.split("_")
    assert (kind, key_id, len(base64.b32decode(digest + "===="))) == ("card", "k1", 32)


def test_one_card_has_one_token_in_any_notation() -> None:
    assert masked(card_number="4556-7375 8689-9855").card_token == masked().card_token


def test_another_card_has_another_token() -> None:
    assert masked(card_number="4556737586899863").card_token != masked().card_token


def test_another_key_gives_other_tokens_with_its_own_id() -> None:
    other = Masker(Key("k2", b"another key for tests, and for nothing else."))
    assert other.token("card", CARD).startswith("card_k2_")
    assert other.token("card", CARD)[8:] != MASKER.token("card", CARD)[8:]


def test_tokens_of_two_kinds_never_match() -> None:
    assert MASKER.token("user", "7").rpartition("_")[2] != MASKER.token("device", "7").rpartition("_")[2]


def test_name_user_id_and_device_id_are_removed() -> None:
    shown = repr(masked(name="Pat Doe", user_id="u-secret", device_id="phone-secret"))
    assert not any(word in shown for word in ("Pat", "u-secret", "phone-secret"))


def test_a_payment_without_user_has_no_user_token() -> None:
    assert masked(user_id=...).user_token is None


def test_an_amount_is_decimal_text_with_two_digits() -> None:
    assert masked(amount=7).amount == "7.00"


def test_a_payment_without_coordinates_has_no_place() -> None:
    assert masked(latitude=None, longitude=None).place is None


HIDDEN = [
    CARD,
    "4556 7375 8689 9855",
    "4556-7375-8689-9855",
    "4556.7375.8689.9855",
    "4556 - 7375 - 8689 - 9855",
    "４５５６７３７５８６８９９８５５",
    "٤٥٥٦٧٣٧٥٨٦٨٩٩٨٥٥",
    "5555555555554444",
    "3782 822463 10005",
]


@pytest.mark.parametrize("written", HIDDEN)
@pytest.mark.parametrize(
    "field", ["merchant", "merchant_id", "merchant_category", "transaction_type", "transaction_device"]
)
def test_a_card_number_in_other_text_is_removed(field: str, written: str) -> None:
    assert getattr(masked(**{field: f"Shop {written} Ltd"}), field) == f"Shop {REMOVED} Ltd"


@pytest.mark.parametrize("written", HIDDEN)
def test_a_card_number_in_a_transaction_id_is_removed_and_ids_stay_different(written: str) -> None:
    one, two = masked(transaction_id=f"{written}-1"), masked(transaction_id=f"{written}-2")
    assert written not in one.transaction_id
    assert one.id != two.id


def test_the_payments_own_card_number_is_removed_without_a_valid_check_digit() -> None:
    wrong = "4556737586899856"
    assert masked(card_number=wrong, merchant=f"Shop {wrong}").merchant == f"Shop {REMOVED}"


def test_two_card_numbers_in_one_text_are_both_removed() -> None:
    assert masked(merchant=f"{CARD} and 5555555555554444").merchant == f"{REMOVED} and {REMOVED}"


@pytest.mark.parametrize("kept", ["Corner Shop", "2026-11-21", "order 12345678901", "353879234252633", "Café ☕", ""])
def test_text_without_card_numbers_is_unchanged(kept: str) -> None:
    assert masked(merchant=kept).merchant == kept


def test_the_repr_of_a_masker_hides_its_secret() -> None:
    assert "nothing else" not in repr(MASKER)


OLD, NEW = (
    Key("k1", b"a key for tests, and for nothing else."),
    Key("k2", b"another key for tests, and for nothing else."),
)


def test_the_first_key_writes_and_every_key_is_recognised() -> None:
    both = Masker.of([NEW, OLD])
    assert both.token("card", CARD) == Masker(NEW).token("card", CARD)
    assert both.tokens("card", CARD) == (Masker(NEW).token("card", CARD), Masker(OLD).token("card", CARD))


def test_aliases_are_the_tokens_under_older_keys() -> None:
    parsed = parse_payment(as_bytes(payment()))
    assert isinstance(parsed, Payment)
    before, aliases = Masker(OLD).mask(parsed), Masker.of([NEW, OLD]).aliases(parsed)
    assert (aliases.ids, aliases.cards) == ((before.id,), (before.card_token,))
    assert Masker(NEW).aliases(parsed) == ((), ())


def test_the_repr_of_several_keys_hides_their_secrets() -> None:
    assert "nothing else" not in repr(Masker.of([NEW, OLD]))


# boundaries


def test_two_card_numbers_are_removed_in_either_order() -> None:
    assert masked(merchant=f"5555555555554444 and {CARD}").merchant == f"{REMOVED} and {REMOVED}"


def test_fields_without_personal_data_are_unchanged() -> None:
    shown = masked(transaction_id="tx-9", merchant=None)
    assert (shown.transaction_id, shown.merchant, shown.place) == ("tx-9", None, MerchantLocation(*HOME))


def test_a_location_needs_both_coordinates() -> None:
    parsed = parse_payment(as_bytes(payment()))
    assert isinstance(parsed, Payment)
    for missing in ("latitude", "longitude"):
        assert MASKER.mask(parsed.model_copy(update={missing: None})).place is None


def test_maskers_of_one_key_are_equal_and_hide_derived_keys() -> None:
    used, unused = Masker(Key("k1", b"secret")), Masker(Key("k1", b"secret"))
    used.token("card", CARD)
    assert used == unused
    assert repr(used) == repr(unused) == "Masker(key=Key(id='k1'))"
