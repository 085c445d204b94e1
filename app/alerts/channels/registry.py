"""Construction of the alert channels that the settings configure."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib import import_module

from app.alerts.channels.base import Channel, MakeChannel, ssl_context
from app.settings import Settings


@asynccontextmanager
async def build_channels(settings: Settings) -> AsyncIterator[Sequence[Channel]]:
    """Yield the configured channels and close them afterwards. Call it inside a running event loop."""
    trusted = ssl_context(settings)
    channels = [maker(name)(settings, trusted) for name in settings.alert_targets]
    try:
        yield channels
    finally:
        for channel in channels:
            await channel.close()


def maker(name: str) -> MakeChannel:
    """Return the function `make` of the module that is named like the channel."""
    make: MakeChannel = import_module(f"app.alerts.channels.{name}").make
    return make
