"""The interface of alert channels."""

import ssl
from collections.abc import Callable
from typing import Final, Protocol

from aiokafka.helpers import create_ssl_context

from app.alerts.alert import Alert
from app.alerts.delivery_result import DeliveryResult
from app.settings import Settings

SEND_WITHIN_S: Final = 10.0
"""Timeout of one delivery attempt."""


class Channel(Protocol):
    """A way to notify people. It holds its own address and logs nothing, since addresses can be secrets."""

    @property
    def name(self) -> str:
        """One of `app.settings.alerts.CHANNELS`."""
        ...

    async def send(self, alert: Alert) -> DeliveryResult:
        """Make one delivery attempt within `SEND_WITHIN_S`. Never raises: every failure is a `DeliveryResult`.

        The same alert can be sent twice, so put its id where the receiver can recognise it.
        """
        ...

    async def close(self) -> None:
        """Close open connections."""
        ...


MakeChannel = Callable[[Settings, ssl.SSLContext], Channel]
"""The function `make` of a channel's module. It runs inside an event loop and opens no connection."""


def ssl_context(settings: Settings) -> ssl.SSLContext:
    """Return a context that trusts the system's certificates, or those of `alert_ca_file`."""
    ca_file = settings.alert_ca_file
    context: ssl.SSLContext = create_ssl_context(cafile=None if ca_file is None else str(ca_file))
    return context
