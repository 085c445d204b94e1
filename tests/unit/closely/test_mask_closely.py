"""Mask, at the edges: where a change of one sign or number would show."""

from typing import Any

from agents.rules.publish.mask import REMOVED, Key, Masker
from schemas.payment import Payment, parse_payment
from schemas.verdict import MaskedPayment, MerchantLocation
from tests.support import make as record
from tests.support.batch import POLICY
from tests.support.make import HOME


def masked(**changes: Any) -> MaskedPayment:
    parsed = parse_payment(record.as_bytes(record.payment(**changes)))
    assert isinstance(parsed, Payment)
    return POLICY.masker.mask(parsed)


def test_two_card_numbers_both_go_whichever_of_them_is_this_payments() -> None:
    assert masked(merchant=f"5555555555554444 and {record.CARD}").merchant == f"{REMOVED} and {REMOVED}"


def test_what_needs_no_hiding_is_shown() -> None:
    shown = masked(transaction_id="tx-9", merchant=None)
    assert (shown.transaction_id, shown.merchant, shown.place) == ("tx-9", None, MerchantLocation(*HOME))


def test_a_place_needs_both_coordinates() -> None:
    parsed = parse_payment(record.as_bytes(record.payment()))
    assert isinstance(parsed, Payment)
    for missing in ("latitude", "longitude"):
        assert POLICY.masker.mask(parsed.model_copy(update={missing: None})).place is None


def test_a_masker_is_its_key_and_shows_nothing_derived_from_it() -> None:
    used, unused = Masker(Key("k1", b"secret")), Masker(Key("k1", b"secret"))
    used.token("card", record.CARD)
    assert used == unused
    assert repr(used) == repr(unused) == "Masker(key=Key(id='k1'))"
