"""Alert settings: which channels are on, and what makes their settings wrong."""

from typing import Any

import pytest
from pydantic import ValidationError

from app.settings import Settings
from app.settings.alerts import SmtpConfig

ALL = {
    "alert_webhook_url": "https://hooks.bank.example/alerts",
    "alert_webhook_secret": "0123456789abcdef",
    "alert_slack_url": "https://chat.example/T0/B0/secret",
    "alert_smtp_url": "smtp://user:p%40ss@mail.bank.example",
    "alert_mail_from": "geovelocity@bank.example",
    "alert_mail_to": "fraud@bank.example, night@bank.example",
}


def settings(**changes: Any) -> Settings:
    """Return production settings, since in demo mode every address must be on this machine."""
    key = "a:" + "A" * 43 + "="
    return Settings(_env_file=None, **{"mode": "production", "keys": key} | ALL | changes)


def test_a_channel_is_on_when_it_has_a_url() -> None:
    on = settings()
    assert on.alert_targets == {"webhook": "hooks.bank.example", "email": "mail.bank.example", "slack": "chat.example"}
    assert on.alert_addresses == {name: url for name, url in ALL.items() if name.endswith("_url")}
    assert on.alert_recipients == ("fraud@bank.example", "night@bank.example")
    assert list(settings(alert_smtp_url="").alert_targets) == ["webhook", "slack"]
    assert settings(**dict.fromkeys(ALL, "")).alert_targets == {}
    assert "/T0/B0" not in repr(on)
    assert "p%40ss" not in repr(on)


@pytest.mark.parametrize(
    "changes",
    [
        {"alert_webhook_url": "http://127.0.0.1:9/x"},
        {"alert_slack_url": "http://localhost/x"},
        {"alert_smtp_url": "smtps://mail.bank.example:465"},
        {"alert_smtp_url": "", "alert_mail_from": "", "alert_mail_to": ""},
    ],
)
def test_valid_channel_settings_are_accepted(changes: dict[str, Any]) -> None:
    assert settings(**changes).alert_targets


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"alert_webhook_url": "http://hooks.bank.example/"}, "alert_webhook_url must begin with https://"),
        ({"alert_webhook_url": "http://127.0.0.1@hooks.bank.example/"}, "alert_webhook_url must begin with https://"),
        ({"alert_webhook_url": "https://"}, "alert_webhook_url must begin with https://"),
        ({"alert_slack_url": "ftp://chat.example/"}, "alert_slack_url must begin with https://"),
        ({"alert_slack_url": "chat.example"}, "alert_slack_url must begin with https://"),
        ({"alert_webhook_secret": "short"}, "alert_webhook_url needs alert_webhook_secret"),
        ({"alert_smtp_url": "mail.bank.example:25"}, "alert_smtp_url must be smtp://"),
        ({"alert_smtp_url": "smtp://mail.bank.example:x"}, "alert_smtp_url must be smtp://"),
        ({"alert_smtp_url": "smtp://"}, "alert_smtp_url must be smtp://"),
        ({"alert_mail_from": ""}, "alert_smtp_url needs alert_mail_from"),
        ({"alert_mail_to": ""}, "alert_smtp_url needs alert_mail_from, and alert_mail_to"),
        ({"alert_mail_to": "nobody"}, "alert_smtp_url needs alert_mail_from, and alert_mail_to"),
    ],
)
def test_a_wrong_channel_setting_is_named_without_its_value(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        settings(**changes)
    assert message in str(caught.value)
    assert not any(part in str(caught.value) for part in ("bank.example", "chat.example", "short", "nobody"))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.bank.example", SmtpConfig("mail.bank.example", 587, False, True, None, None)),
        ("smtps://mail.bank.example", SmtpConfig("mail.bank.example", 465, True, False, None, None)),
        ("smtp://u%40b:p%3A1@mail.bank.example:25", SmtpConfig("mail.bank.example", 25, False, True, "u@b", "p:1")),
        ("smtp://127.0.0.1:2525", SmtpConfig("127.0.0.1", 2525, False, False, None, None)),
    ],
)
def test_a_mail_server_is_parsed_from_its_url(url: str, expected: SmtpConfig) -> None:
    assert SmtpConfig.of(url) == expected
