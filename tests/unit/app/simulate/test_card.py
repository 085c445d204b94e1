"""Payments and numbers of simulated cards."""

from random import Random

from app.simulate.card import Card, card_number
from schemas.json.identifier import passes_luhn
from schemas.payment import Payment, parse_payment
from tests.support.make import NOON_MS, as_bytes
from tests.support.simulated import PARIS


def test_a_card_pays_with_a_valid_record() -> None:
    card = Card("demo-1", Random(1))
    read = parse_payment(as_bytes(card.pay("t-1", NOON_MS, PARIS, stolen=True)), luhn=True)
    assert isinstance(read, Payment)
    assert (read.at_us, read.latitude, read.longitude) == (1000 * NOON_MS, *PARIS)


def test_card_numbers_pass_the_luhn_check() -> None:
    chance = Random(3)
    assert all(passes_luhn(card_number(chance)) for _ in range(50))
