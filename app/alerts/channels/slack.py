"""The chat channel: the alert as one text, for Slack and other chats with Slack-compatible incoming webhooks."""

import ssl

import msgspec

from app.alerts.alert import Alert
from app.alerts.channels.http import HttpChannel
from app.alerts.templates import chat
from app.settings import Settings
from app.settings.alerts import SLACK


def make(settings: Settings, trusted: ssl.SSLContext) -> HttpChannel:
    """Return the channel that posts to `alert_slack_url`. The URL is the only credential of such webhooks."""
    return HttpChannel(SLACK, settings.alert_slack_url.get_secret_value(), trusted, _body, lambda *_: {})


def _body(alert: Alert) -> bytes:
    return msgspec.json.encode({"text": chat(alert)})
