"""Channel: one way to tell people."""

import ssl
from typing import Final, Protocol

from aiokafka.helpers import create_ssl_context

from app.alerts.alert import Alert
from app.alerts.delivery_result import DeliveryResult
from app.settings.settings import Settings

SEND_WITHIN_S: Final = 10.0


class Channel(Protocol):
    """Knows where to send, and how. Logs nothing."""

    @property
    def name(self) -> str:
        """One of `destinations.CHANNELS`."""
        ...

    async def send(self, alert: Alert) -> DeliveryResult:
        """One attempt, which ends within ten seconds. Never raises, whatever the other side does."""
        ...

    async def close(self) -> None: ...


def ssl_context(settings: Settings) -> ssl.SSLContext:
    """The certificates that are trusted: the system's, or those of the setting."""
    ca_file = settings.alert_ca_file
    context: ssl.SSLContext = create_ssl_context(cafile=None if ca_file is None else str(ca_file))
    return context
