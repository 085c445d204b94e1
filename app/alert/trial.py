"""Trial: one made-up suspect, by every channel, now. Is it set up right?"""

import asyncio
import secrets
import time
from typing import Final

import msgspec

from app.alert.alert import Alert, made_up
from app.alert.answer import Delivered
from app.alert.channel import Channel
from app.alert.channels import channels
from app.errors import ConfigurationError
from app.settings import Settings

NONE_CONFIGURED: Final = (
    "no channel of alerts is configured: set GEOVELOCITY_ALERT_WEBHOOK_URL, GEOVELOCITY_ALERT_SMTP_URL "
    "or GEOVELOCITY_ALERT_SLACK_URL"
)
ID_BYTES: Final = 8


class Result(msgspec.Struct, frozen=True):
    """What became of it in one channel. `detail` is for people."""

    channel: str
    ok: bool
    detail: str


async def trial(settings: Settings) -> list[Result]:
    """Sends it, once by each channel, side by side; nothing is tried again.

    Raises:
        ConfigurationError: no channel is configured.
    """
    if not settings.alerts.targets:
        raise ConfigurationError(NONE_CONFIGURED)
    alert = made_up(secrets.token_hex(ID_BYTES).upper(), time.time(), settings.console)
    async with channels(settings) as configured:
        return list(await asyncio.gather(*[_try(channel, alert) for channel in configured]))


async def _try(channel: Channel, alert: Alert) -> Result:
    began_s = time.monotonic()
    answer = await channel.send(alert)
    took_ms = 1000 * (time.monotonic() - began_s)
    return Result(channel.name, isinstance(answer, Delivered), f"{answer.detail}, after {took_ms:.0f} ms")
