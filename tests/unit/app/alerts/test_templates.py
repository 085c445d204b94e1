"""The texts of an alert in a mail and in a chat."""

from app.alerts.alert import alert_from_verdict, sample_alert
from app.alerts.templates import chat, plain, subject
from tests.support.suspect import suspect


def test_a_mail_has_a_line_for_each_fact() -> None:
    alert = alert_from_verdict(suspect(7), 3, "http://127.0.0.1:8080")
    assert subject(alert) == "Suspect payment, risk 80 of 100"
    assert plain(alert) == (
        "Suspect payment, risk 80 of 100\n\n"
        "The phone was 10 m from the place 1 s before the payment; the holder could have been there.\n\n"
        "amount    481.84 USD\n"
        "time      2026-11-21 12:00 UTC\n"
        "location  near 40.0, -75.0\n"
        "category  grocery\n"
        "device    k1-ABCDEFGH (3 more suspect payments since its last alert)\n\n"
        "http://127.0.0.1:8080/case/transaction_k1_0007\n"
    )


def test_a_chat_message_uses_the_markup_of_slack() -> None:
    assert chat(alert_from_verdict(suspect(7, currency=None, place=None), 1, "http://127.0.0.1:8080")) == (
        "*Suspect payment, risk 80 of 100*\n481.84, grocery, unknown location, 2026-11-21 12:00 UTC\n"
        "The phone was 10 m from the place 1 s before the payment; the holder could have been there.\n"
        "Device k1-ABCDEFGH (1 more suspect payment since its last alert). "
        "<http://127.0.0.1:8080/case/transaction_k1_0007|Open the case>"
    )


def test_a_category_cannot_mention_people_or_begin_a_line() -> None:
    alert = alert_from_verdict(
        suspect(merchant_category="<!channel>\r\nBcc: all & sundry " + "x" * 99), 0, "http://127.0.0.1"
    )
    assert alert.merchant_category == "<!channel> Bcc: all & sundry xxxxxxxxxxx"
    assert "&lt;!channel&gt; Bcc: all &amp; sundry" in chat(alert)
    assert "\r" not in plain(alert)


def test_every_text_of_a_sample_alert_is_marked_as_a_test() -> None:
    alert = sample_alert("AB12", 1_795_262_400.0, "http://127.0.0.1:8080")
    assert (alert.test, alert.id, alert.at, alert.link) == (
        True,
        "test_AB12",
        "2026-11-21T12:00Z",
        "http://127.0.0.1:8080/",
    )
    for text in (subject(alert), plain(alert), chat(alert)):
        assert "TEST, no real payment" in text
