"""Channels: those that the settings configure."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from app.alert.channel import Channel, trust
from app.alert.destinations import EMAIL, SLACK, WEBHOOK, MailServer
from app.alert.mail import Mail
from app.alert.post import slack, webhook
from app.settings import Settings


@asynccontextmanager
async def channels(settings: Settings) -> AsyncIterator[Sequence[Channel]]:
    """All of them, closed in the end."""
    told, trusted = settings.alerts, trust(settings)
    makers: Mapping[str, Callable[[], Channel]] = {
        WEBHOOK: lambda: webhook(told.webhook_url, told.webhook_secret, trusted),
        EMAIL: lambda: Mail(MailServer.of(told.smtp_url), told.mail_from, told.mail_to, trusted),
        SLACK: lambda: slack(told.slack_url, trusted),
    }
    made = [makers[name]() for name in told.targets]
    try:
        yield made
    finally:
        for channel in made:
            await channel.close()
