"""Which suspects people are told of, and what they are told."""

from typing import Any

import msgspec
import pytest

from app.alerts.alert import Alert, alert_from_verdict, sample_alert
from app.alerts.templates import chat, plain, subject
from app.alerts.throttle import AlertThrottle, Notify, Suppressed
from schemas.verdict import MerchantLocation, Verdict
from tests.support.canary import Scanner
from tests.support.suspect import COOL_DOWN_S, DEVICE, OTHER, suspect


def told(*story: tuple[float, Verdict]) -> list[Any]:
    """What becomes of each: how many more a message counts; "held"; None."""
    picker = AlertThrottle(70, COOL_DOWN_S)
    done = [picker.take(one, at_s) for at_s, one in story]
    return [
        one.more_of_device if isinstance(one, Notify) else "held" if isinstance(one, Suppressed) else None
        for one in done
    ]


@pytest.mark.parametrize(
    ("what", "story", "expected"),
    [
        ("a final suspect", [(0, suspect())], [0]),
        ("a provisional one, then final", [(0, suspect(status="provisional")), (9, suspect(revision=2))], [None, 0]),
        ("too small a risk", [(0, suspect(risk=69))], [None]),
        ("just the risk", [(0, suspect(risk=70))], [0]),
        ("a risk that grows", [(0, suspect(risk=60)), (9, suspect(revision=2, risk=75))], [None, 0]),
        ("no suspect", [(0, suspect(verdict="clear"))], [None]),
        ("one that nobody can evaluate", [(0, suspect(verdict="not_evaluable"))], [None]),
        ("a further revision", [(0, suspect()), (2000, suspect(revision=3, risk=90))], [0, None]),
        ("the same record again", [(0, suspect()), (1, suspect())], [0, None]),
        ("another of the device", [(0, suspect(1)), (899, suspect(2))], [0, "held"]),
        ("another when it has cooled", [(0, suspect(1)), (900, suspect(2))], [0, 0]),
        ("another device", [(0, suspect(1)), (1, suspect(2, device_token=OTHER))], [0, 0]),
        (
            "what was held back is told of next time, and once",
            [(0, suspect(1)), (5, suspect(2)), (6, suspect(3)), (950, suspect(4)), (2000, suspect(5))],
            [0, "held", "held", 2, 0],
        ),
        (
            "what was held back does not lengthen the time",
            [(0, suspect(1)), (600, suspect(2)), (1100, suspect(3))],
            [0, "held", 1],
        ),
        (
            "held back twice counts once",
            [(0, suspect(1)), (5, suspect(2)), (6, suspect(2, revision=2)), (950, suspect(3))],
            [0, "held", None, 1],
        ),
        (
            "held back and taken back counts no more",
            [(0, suspect(1)), (5, suspect(2)), (6, suspect(2, revision=2, verdict="clear")), (950, suspect(3))],
            [0, "held", None, 0],
        ),
        (
            "taken back after the message, and suspect again",
            [(0, suspect()), (5, suspect(revision=2, verdict="clear")), (2000, suspect(revision=3))],
            [0, None, None],
        ),
        (
            "what was held back half a day ago is not told of any more",
            [(0, suspect(1)), (5, suspect(2)), (13 * 3600, suspect(3))],
            [0, "held", 0],
        ),
    ],
)
def test_who_is_told_of(what: str, story: list[tuple[float, Verdict]], expected: list[Any]) -> None:
    assert told(*story) == expected, what


def test_without_a_cool_down_every_suspect_is_told_of() -> None:
    picker = AlertThrottle(70, 0.0)
    assert [picker.take(suspect(number), 5.0) for number in (1, 2)] == [Notify(suspect(1), 0), Notify(suspect(2), 0)]


def test_a_device_that_was_forgotten_begins_anew() -> None:
    picker = AlertThrottle(70, COOL_DOWN_S)
    picker.take(suspect(1), 0.0)
    picker.take(suspect(2), 1.0)
    picker.erase([DEVICE])
    assert picker.take(suspect(3), 2.0) == Notify(suspect(3), 0)


def test_who_reads_half_a_day_again_decides_the_same_from_then_on() -> None:
    story = [(600.0 * number, suspect(number, risk=65 + number % 20)) for number in range(300)]
    first, second = AlertThrottle(70, COOL_DOWN_S), AlertThrottle(70, COOL_DOWN_S)
    whole = [first.take(one, at_s) for at_s, one in story]
    again = [second.take(one, at_s) for at_s, one in story[100:]]
    assert whole[200:] == again[100:]


def test_an_alert_has_what_people_need_and_nothing_that_points_to_a_person() -> None:
    of = suspect(
        7,
        device_token=DEVICE,
        transaction_id="canary-transaction",
        user_token="user_k1_CANARYUSER",
        card_token="card_k1_CANARYCARD",
        merchant="Canary Shop",
        merchant_id="canary-merchant",
        place=MerchantLocation(40.123456, -75.654321),
    )
    alert = alert_from_verdict(of, 3, "https://console.bank.example")
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
        reason=of.reason,
        device="k1-ABCDEFGH",
        more_of_device=3,
        link="https://console.bank.example/case/transaction_k1_0007",
    )
    words = ("canary", "Canary", "CANARY", "9855", "40.12", "75.65", DEVICE[:20])
    for message in (msgspec.json.encode(alert), plain(alert).encode(), chat(alert).encode(), subject(alert).encode()):
        assert Scanner([], words).find(message) == []


def test_a_mail_says_it_in_lines() -> None:
    alert = alert_from_verdict(suspect(7), 3, "http://127.0.0.1:8080")
    assert subject(alert) == "Suspect payment, risk 80 of 100"
    assert plain(alert) == (
        "Suspect payment, risk 80 of 100\n\n"
        "The phone was 10 m from the place 1 s before the payment; the holder could have been there.\n\n"
        "amount    481.84 USD\n"
        "when      2026-11-21 12:00 UTC\n"
        "where     near 40.0, -75.0\n"
        "category  grocery\n"
        "device    k1-ABCDEFGH, and 3 more of the same device\n\n"
        "http://127.0.0.1:8080/case/transaction_k1_0007\n"
    )


def test_a_chat_gets_it_in_its_own_marks() -> None:
    assert chat(alert_from_verdict(suspect(7, currency=None, place=None), 0, "http://127.0.0.1:8080")) == (
        "*Suspect payment, risk 80 of 100*\n481.84, grocery, place not known, 2026-11-21 12:00 UTC\n"
        "The phone was 10 m from the place 1 s before the payment; the holder could have been there.\n"
        "Device k1-ABCDEFGH. <http://127.0.0.1:8080/case/transaction_k1_0007|Open the case>"
    )


def test_a_category_can_call_nobody_and_begin_no_line() -> None:
    alert = alert_from_verdict(
        suspect(merchant_category="<!channel>\r\nBcc: all & sundry " + "x" * 99), 0, "http://127.0.0.1"
    )
    assert alert.merchant_category == "<!channel> Bcc: all & sundry xxxxxxxxxxx"
    assert "&lt;!channel&gt; Bcc: all &amp; sundry" in chat(alert)
    assert "\r" not in plain(alert)


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
def test_a_device_is_shown_by_eight_letters(token: str, shown: str) -> None:
    assert alert_from_verdict(suspect(device_token=token), 0, "http://127.0.0.1").device == shown


def test_a_test_is_marked_as_one_everywhere() -> None:
    alert = sample_alert("AB12", 1_795_262_400.0, "http://127.0.0.1:8080")
    assert (alert.test, alert.id, alert.at, alert.link) == (
        True,
        "test_AB12",
        "2026-11-21T12:00Z",
        "http://127.0.0.1:8080/",
    )
    for text in (subject(alert), plain(alert), chat(alert)):
        assert "TEST, no real payment" in text
