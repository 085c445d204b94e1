"""Which suspects people are told of, what they are told, and what is done when nobody takes it."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from app.alert.alert import Alert, alert_of, made_up
from app.alert.answer import Answer, Delivered, Failed, Refused, answer_of, parse_retry_after
from app.alert.destinations import Destinations, MailServer
from app.alert.ledger import BEYOND_MAX, Bookmark, Ledger
from app.alert.patience import LONGEST_PAUSE_S, Patience
from app.alert.picker import Held, Pick, Picker
from app.alert.signature import signature
from app.alert.text import chat, plain, subject
from schemas.verdict import Outcome, Place, Status, Verdict
from tests.support.canary import Scanner
from tests.support.make import verdict

DEVICE = "device_k1_ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRST"
OTHER = "device_k1_ZYXWVUTSRQPONMLKJIHGFEDCBA765432ABCDEFGHIJKLMNOPQRST"
COOL_DOWN_S = 900.0


def suspect(number: int = 1, **changes: Any) -> Verdict:
    """A final suspect of risk 80."""
    fields: dict[str, Any] = {
        "verdict": "suspect",
        "status": "final",
        "risk": 80,
        "device_token": DEVICE,
        "codes": ("CARD_VELOCITY",),
    }
    fields |= changes
    fields |= {"verdict": Outcome(fields["verdict"]), "status": Status(fields["status"])}
    return verdict(number, **fields)


def told(*story: tuple[float, Verdict]) -> list[Any]:
    """What becomes of each: how many more a message counts; "held"; None."""
    picker = Picker(70, COOL_DOWN_S)
    done = [picker.take(one, at_s) for at_s, one in story]
    return [one.more_of_device if isinstance(one, Pick) else "held" if isinstance(one, Held) else None for one in done]


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
    picker = Picker(70, 0.0)
    assert [picker.take(suspect(number), 5.0) for number in (1, 2)] == [Pick(suspect(1), 0), Pick(suspect(2), 0)]


def test_a_device_that_was_forgotten_begins_anew() -> None:
    picker = Picker(70, COOL_DOWN_S)
    picker.take(suspect(1), 0.0)
    picker.take(suspect(2), 1.0)
    picker.erase([DEVICE])
    assert picker.take(suspect(3), 2.0) == Pick(suspect(3), 0)


def test_who_reads_half_a_day_again_decides_the_same_from_then_on() -> None:
    story = [(600.0 * number, suspect(number, risk=65 + number % 20)) for number in range(300)]
    first, second = Picker(70, COOL_DOWN_S), Picker(70, COOL_DOWN_S)
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
        place=Place(40.123456, -75.654321),
    )
    alert = alert_of(of, 3, "https://console.bank.example")
    assert alert == Alert(
        id="transaction_k1_0007",
        test=False,
        at="2026-11-21T12:00Z",
        risk=80,
        amount="481.84",
        currency="USD",
        merchant_category="grocery",
        place=Place(40.1, -75.7),
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
    alert = alert_of(suspect(7), 3, "http://127.0.0.1:8080")
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
    assert chat(alert_of(suspect(7, currency=None, place=None), 0, "http://127.0.0.1:8080")) == (
        "*Suspect payment, risk 80 of 100*\n481.84, grocery, place not known, 2026-11-21 12:00 UTC\n"
        "The phone was 10 m from the place 1 s before the payment; the holder could have been there.\n"
        "Device k1-ABCDEFGH. <http://127.0.0.1:8080/case/transaction_k1_0007|Open the case>"
    )


def test_a_category_can_call_nobody_and_begin_no_line() -> None:
    alert = alert_of(suspect(merchant_category="<!channel>\r\nBcc: all & sundry " + "x" * 99), 0, "http://127.0.0.1")
    assert alert.merchant_category == "<!channel> Bcc: all & sundry xxxxxxxxxxx"
    assert "&lt;!channel&gt; Bcc: all &amp; sundry" in chat(alert)
    assert "\r" not in plain(alert)


def test_a_test_is_marked_as_one_everywhere() -> None:
    alert = made_up("AB12", 1_795_262_400.0, "http://127.0.0.1:8080")
    assert (alert.test, alert.id, alert.at, alert.link) == (
        True,
        "test_AB12",
        "2026-11-21T12:00Z",
        "http://127.0.0.1:8080/",
    )
    for text in (subject(alert), plain(alert), chat(alert)):
        assert "TEST, no real payment" in text


def test_a_webhook_is_signed_as_other_tools_would_compute_it() -> None:
    """`printf '1795262400.{"id":"a"}' | openssl dgst -sha256 -hmac 'a secret of ours'`."""
    expected = "t=1795262400,v1=488a4437f11649f26e709fe6b97691dfcd316f4fccd68d2556b768c411051f0f"
    assert signature("a secret of ours", b'{"id":"a"}', 1_795_262_400.9) == expected


@pytest.mark.parametrize(
    ("status", "retry_after", "expected"),
    [
        (200, None, Delivered("200")),
        (204, None, Delivered("204")),
        (302, None, Failed("answered 302")),
        (400, "5", Refused("answered 400")),
        (401, None, Refused("answered 401")),
        (404, None, Refused("answered 404")),
        (408, None, Failed("answered 408")),
        (410, None, Refused("answered 410")),
        (425, None, Failed("answered 425")),
        (429, "7", Failed("answered 429", 7.0)),
        (500, None, Failed("answered 500")),
        (503, "Sat, 21 Nov 2026 12:00:10 GMT", Failed("answered 503", 10.0)),
        (503, "Sat, 21 Nov 2026 11:00:00 GMT", Failed("answered 503", 0.0)),
        (503, "soon", Failed("answered 503")),
        (503, "-3", Failed("answered 503")),
    ],
)
def test_what_a_status_means(status: int, retry_after: str | None, expected: Answer) -> None:
    assert answer_of(status, retry_after, 1_795_262_400.0) == expected


@pytest.mark.parametrize("header", ["", " ", "\0", "1e9", "٣", "Sat, 99 Nov 99999", "x" * 9999])
def test_a_header_that_says_nothing_is_no_error(header: str) -> None:
    assert parse_retry_after(header, 0.0) is None


def test_pauses_double_up_to_a_limit_and_lie_by_chance_in_their_upper_half() -> None:
    patience = Patience(1000, 1e9)
    assert [patience.pause_s(attempts, 0, None, 1.0) for attempts in (1, 2, 3, 4)] == [1, 2, 4, 8]
    assert [patience.pause_s(attempts, 0, None, 0.0) for attempts in (1, 2, 3)] == [0.5, 1, 2]
    assert patience.pause_s(999, 0, None, 1.0) == LONGEST_PAUSE_S


@pytest.mark.parametrize(
    ("attempts", "waited_s", "asked_s", "expected"),
    [
        (2, 0.0, None, 2.0),
        (3, 0.0, None, None),
        (1, 59.0, None, 1.0),
        (1, 59.5, None, None),
        (1, 0.0, 7.0, 7.0),
        (1, 0.0, 0.1, 1.0),
        (1, 0.0, 61.0, None),
    ],
)
def test_patience_ends(attempts: int, waited_s: float, asked_s: float | None, expected: float | None) -> None:
    assert Patience(3, 60.0).pause_s(attempts, waited_s, asked_s, 1.0) == expected


def test_a_position_never_passes_what_waits() -> None:
    ledger = Ledger(Bookmark(10))
    for offset, waits in ((10, False), (11, True), (12, True), (13, False), (14, True)):
        assert not ledger.has_done(offset)
        ledger.passed(offset, 1000 + offset, waits=waits)
    assert (ledger.waiting, ledger.bookmark) == (3, Bookmark(11, (), 1014))
    ledger.done([12])
    ledger.done([12, 99])
    assert (ledger.waiting, ledger.bookmark) == (2, Bookmark(11, (12,), 1014))
    ledger.done([11])
    assert ledger.bookmark == Bookmark(14, (), 1014)
    ledger.done([14])
    assert (ledger.waiting, ledger.bookmark) == (0, Bookmark(15, (), 1014))


def test_what_was_done_beyond_the_position_is_not_done_again() -> None:
    ledger = Ledger(Bookmark(11, (13,), 1))
    assert [ledger.has_done(offset) for offset in (9, 10, 11, 12, 13, 14)] == [True, True, False, False, True, False]
    for offset in (9, 10):  # read again, to remember
        ledger.passed(offset, 1, waits=False)
    assert ledger.bookmark.position == 11


@pytest.mark.parametrize("bookmark", [Bookmark(7), Bookmark(7, (9, 12)), Bookmark(0, (1,), 1_795_262_400_000)])
def test_a_bookmark_can_be_read_again(bookmark: Bookmark) -> None:
    assert Bookmark.parse(bookmark.position, bookmark.text) == bookmark


@pytest.mark.parametrize("text", ["", "1", "2;;4", "1;x;", "1;;4,y", "\0;;", "1;;;"])
def test_what_somebody_else_wrote_beside_a_position_says_nothing(text: str) -> None:
    assert Bookmark.parse(7, text) == Bookmark(7)


def test_the_fullest_bookmark_fits_beside_a_position() -> None:
    far = tuple(range(9_000_000, 9_000_000 + 2 * BEYOND_MAX))
    text = Bookmark(0, far, 1_795_262_400_000).text
    assert len(text) <= 4096
    assert len(Bookmark.parse(0, text).beyond) == BEYOND_MAX


def destinations(**changes: Any) -> Destinations:
    good = Destinations(
        webhook_url="https://hooks.bank.example/alerts",
        webhook_secret="0123456789abcdef",
        slack_url="https://chat.example/T0/B0/secret",
        smtp_url="smtp://user:p%40ss@mail.bank.example",
        mail_from="geovelocity@bank.example",
        mail_to=("fraud@bank.example",),
    )
    return replace(good, **changes)


def test_channels_are_those_that_have_a_url() -> None:
    assert destinations().targets == {
        "webhook": "hooks.bank.example",
        "email": "mail.bank.example",
        "slack": "chat.example",
    }
    assert list(destinations(smtp_url="").targets) == ["webhook", "slack"]
    none = destinations(webhook_url="", slack_url="", smtp_url="", webhook_secret="", mail_from="", mail_to=())
    assert (none.targets, none.complaint()) == ({}, None)
    assert "secret" not in repr(destinations())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, None),
        ({"webhook_url": "http://127.0.0.1:9/x"}, None),
        ({"slack_url": "http://localhost/x"}, None),
        ({"smtp_url": "smtps://mail.bank.example:465"}, None),
        ({"webhook_url": "http://hooks.bank.example/"}, "alert_webhook_url must begin with https://"),
        ({"webhook_url": "http://127.0.0.1@hooks.bank.example/"}, "alert_webhook_url must begin with https://"),
        ({"webhook_url": "https://"}, "alert_webhook_url must begin with https://"),
        ({"slack_url": "ftp://chat.example/"}, "alert_slack_url must begin with https://"),
        ({"slack_url": "chat.example"}, "alert_slack_url must begin with https://"),
        ({"webhook_secret": "short"}, "alert_webhook_url needs alert_webhook_secret"),
        ({"smtp_url": "mail.bank.example:25"}, "alert_smtp_url must be smtp://"),
        ({"smtp_url": "smtp://mail.bank.example:x"}, "alert_smtp_url must be smtp://"),
        ({"smtp_url": "smtp://"}, "alert_smtp_url must be smtp://"),
        ({"mail_from": ""}, "alert_smtp_url needs alert_mail_from"),
        ({"mail_to": ()}, "alert_smtp_url needs alert_mail_from, and alert_mail_to"),
        ({"mail_to": ("nobody",)}, "alert_smtp_url needs alert_mail_from, and alert_mail_to"),
    ],
)
def test_what_is_said_of_a_destination(changes: dict[str, Any], said: str | None) -> None:
    complaint = destinations(**changes).complaint()
    assert complaint is None if said is None else (complaint or "").startswith(said)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.bank.example", MailServer("mail.bank.example", 587, False, True, None, None)),
        ("smtps://mail.bank.example", MailServer("mail.bank.example", 465, True, False, None, None)),
        ("smtp://u%40b:p%3A1@mail.bank.example:25", MailServer("mail.bank.example", 25, False, True, "u@b", "p:1")),
        ("smtp://127.0.0.1:2525", MailServer("127.0.0.1", 2525, False, False, None, None)),
    ],
)
def test_a_mail_server_is_one_url(url: str, expected: MailServer) -> None:
    assert MailServer.of(url) == expected
