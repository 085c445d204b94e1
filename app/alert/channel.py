"""Channel: one way to tell people."""

import ssl
from typing import Final, Protocol

from aiokafka.helpers import create_ssl_context

from app.alert.alert import Alert
from app.alert.answer import Answer
from app.settings import Settings

SEND_WITHIN_S: Final = 10.0


class Channel(Protocol):
    """Knows where to send, and how. Logs nothing."""

    @property
    def name(self) -> str:
        """One of `destinations.CHANNELS`."""
        ...

    async def send(self, alert: Alert) -> Answer:
        """One attempt, which ends within ten seconds. Never raises, whatever the other side does."""
        ...

    async def close(self) -> None: ...


def trust(settings: Settings) -> ssl.SSLContext:
    """The certificates that are trusted: the system's, or those of the setting."""
    ca_file = settings.alert_ca_file
    context: ssl.SSLContext = create_ssl_context(cafile=None if ca_file is None else str(ca_file))
    return context
