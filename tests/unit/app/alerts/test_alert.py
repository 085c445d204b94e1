"""The fields of an alert: what a reader needs, and nothing that identifies a person."""

import msgspec
import pytest

from app.alerts.alert import Alert, alert_from_verdict
from app.alerts.templates import chat, plain, subject
from schemas.verdict import MerchantLocation
from tests.support.canary import Scanner
from tests.support.suspect import DEVICE, suspect


def test_an_alert_identifies_no_person() -> None:
    verdict = suspect(
        7,
        device_token=DEVICE,
        transaction_id="canary-transaction",
        user_token="user_k1_CANARYUSER",
        card_token="card_k1_CANARYCARD",
        merchant="Canary Shop",
        merchant_id="canary-merchant",
        place=MerchantLocation(40.123456, -75.654321),
    )
    alert = alert_from_verdict(verdict, 3, "https://console.bank.example")
    assert alert == Alert(
        id="transaction_k1_0007",
        test=False,
        at="2026-11-21T12:00Z",
        risk=80,
        amount="481.84",
        currency="USD",
        merchant_category="grocery",
        place=MerchantLocation(40.1, -75.7),
        codes=("CARD_VELOCITY",),
        reason=verdict.reason,
        device="k1-ABCDEFGH",
        suppressed_count=3,
        link="https://console.bank.example/case/transaction_k1_0007",
    )
    words = ("canary", "Canary", "CANARY", "9855", "40.12", "75.65", DEVICE[:20])
    for message in (msgspec.json.encode(alert), plain(alert).encode(), chat(alert).encode(), subject(alert).encode()):
        assert Scanner([], words).find(message) == []


def test_the_suppressed_count_keeps_its_public_name() -> None:
    encoded = msgspec.json.decode(msgspec.json.encode(alert_from_verdict(suspect(), 3, "http://127.0.0.1")))
    assert encoded["more_of_device"] == 3


@pytest.mark.parametrize(
    ("token", "shown"),
    [
        (DEVICE, "k1-ABCDEFGH"),
        ("device_k_1_ABCDEFGHIJ", "k_1-ABCDEFGH"),
        ("device", "-"),
        ("", "-"),
        ("__", "-"),
    ],
)
def test_an_alert_shows_eight_characters_of_a_device_token(token: str, shown: str) -> None:
    assert alert_from_verdict(suspect(device_token=token), 0, "http://127.0.0.1").device == shown
