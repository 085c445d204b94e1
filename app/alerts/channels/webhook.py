"""The webhook channel: the whole alert as signed JSON, for the bank's own systems."""

import ssl
import time
from collections.abc import Mapping

import msgspec

from app.alerts.alert import Alert
from app.alerts.channels.http import HttpChannel
from app.alerts.channels.signature import ID_HEADER, SIGNATURE_HEADER, signature
from app.settings import Settings
from app.settings.alerts import WEBHOOK


def make(settings: Settings, trusted: ssl.SSLContext) -> HttpChannel:
    """Return the channel that signs each alert with `alert_webhook_secret`."""
    secret = settings.alert_webhook_secret.get_secret_value()

    def headers(alert: Alert, body: bytes) -> Mapping[str, str]:
        return {ID_HEADER: alert.id, SIGNATURE_HEADER: signature(secret, body, time.time())}

    return HttpChannel(WEBHOOK, settings.alert_webhook_url.get_secret_value(), trusted, msgspec.json.encode, headers)
