"""Records of simulated phones and cards are valid."""

from random import Random

from app.simulate.card import Card, card_number
from app.simulate.phone import body
from schemas.json.identifier import passes_luhn
from schemas.payment import Payment, parse_payment
from schemas.push import Fix, Push
from sensor_logger_bridge.apps import sensor_logger
from sensor_logger_bridge.apps.app import Request
from sensor_logger_bridge.translation import Fixes
from tests.support.make import NOON_MS, as_bytes
from tests.support.simulated import PARIS


def test_the_bridge_reads_the_same_push_from_a_phones_body() -> None:
    known = Fix(NOON_MS, 48.85, 2.35, 30.0, 1.5, 0.5, 90.0, 10.0, 5.0, 3.0)
    push = Push("demo-1", (known, Fix(NOON_MS + 1000, 48.86, 2.35)), "s1", 7, "sensor-logger", NOON_MS + 1500)
    translation = sensor_logger.translate(Request(body(push)), "demo-1", NOON_MS + 1500)
    assert isinstance(translation, Fixes)
    assert (translation.push, translation.skipped) == (push, 1)


def test_a_card_pays_with_a_valid_record() -> None:
    card = Card("demo-1", Random(1))
    read = parse_payment(as_bytes(card.pay("t-1", NOON_MS, PARIS, stolen=True)), luhn=True)
    assert isinstance(read, Payment)
    assert (read.at_us, read.latitude, read.longitude) == (1000 * NOON_MS, *PARIS)


def test_card_numbers_pass_the_luhn_check() -> None:
    chance = Random(3)
    assert all(passes_luhn(card_number(chance)) for _ in range(50))
