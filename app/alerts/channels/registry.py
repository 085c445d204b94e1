"""Channels: those that the settings configure."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from app.alerts.channels.base import Channel, ssl_context
from app.alerts.channels.email import EmailChannel
from app.alerts.channels.http import slack, webhook
from app.alerts.config import EMAIL, SLACK, WEBHOOK, SmtpConfig
from app.settings.settings import Settings


@asynccontextmanager
async def build_channels(settings: Settings) -> AsyncIterator[Sequence[Channel]]:
    """All of them, closed in the end."""
    told, trusted = settings.alerts, ssl_context(settings)
    makers: Mapping[str, Callable[[], Channel]] = {
        WEBHOOK: lambda: webhook(told.webhook_url, told.webhook_secret, trusted),
        EMAIL: lambda: EmailChannel(SmtpConfig.of(told.smtp_url), told.mail_from, told.mail_to, trusted),
        SLACK: lambda: slack(told.slack_url, trusted),
    }
    made = [makers[name]() for name in told.targets]
    try:
        yield made
    finally:
        for channel in made:
            await channel.close()
