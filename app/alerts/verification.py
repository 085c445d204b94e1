"""Trial: one made-up suspect, by every channel, now. Is it set up right?"""

import asyncio
import secrets
import time
from typing import Final

import msgspec

from app.alerts.alert import Alert, sample_alert
from app.alerts.channels.base import Channel
from app.alerts.channels.registry import build_channels
from app.alerts.delivery_result import Delivered
from app.errors import ConfigurationError
from app.settings import Settings

NONE_CONFIGURED: Final = (
    "no channel of alerts is configured: set GEOVELOCITY_ALERT_WEBHOOK_URL, GEOVELOCITY_ALERT_SMTP_URL "
    "or GEOVELOCITY_ALERT_SLACK_URL"
)
ID_BYTES: Final = 8


class ProbeResult(msgspec.Struct, frozen=True):
    """What became of it in one channel. `detail` is for people."""

    channel: str
    ok: bool
    detail: str


async def send_test_alert(settings: Settings) -> list[ProbeResult]:
    """Sends it, once by each channel, side by side; nothing is tried again.

    Raises:
        ConfigurationError: no channel is configured.
    """
    if not settings.alert_targets:
        raise ConfigurationError(NONE_CONFIGURED)
    alert = sample_alert(secrets.token_hex(ID_BYTES).upper(), time.time(), settings.console)
    async with build_channels(settings) as configured:
        return list(await asyncio.gather(*[_try(channel, alert) for channel in configured]))


async def _try(channel: Channel, alert: Alert) -> ProbeResult:
    began_s = time.monotonic()
    answer = await channel.send(alert)
    took_ms = 1000 * (time.monotonic() - began_s)
    return ProbeResult(channel.name, isinstance(answer, Delivered), f"{answer.detail}, after {took_ms:.0f} ms")
