"""The test of the alert channels: send a sample alert by each of them, once."""

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
from app.settings.alerts import CHANNEL_SPECS

NONE_CONFIGURED: Final = "no alert channel is configured: set " + " or ".join(
    f"GEOVELOCITY_{spec.url_setting.upper()}" for spec in CHANNEL_SPECS
)
ID_BYTES: Final = 8


class ProbeResult(msgspec.Struct, frozen=True):
    """The result of the sample alert for one channel. `detail` is for people."""

    channel: str
    ok: bool
    detail: str


async def send_test_alert(settings: Settings) -> list[ProbeResult]:
    """Send a sample alert by every configured channel, concurrently and without retries.

    Raises:
        ConfigurationError: no channel is configured.
    """
    if not settings.alert_targets:
        raise ConfigurationError(NONE_CONFIGURED)
    alert = sample_alert(secrets.token_hex(ID_BYTES).upper(), time.time(), settings.console)
    async with build_channels(settings) as channels:
        return list(await asyncio.gather(*[_probe(channel, alert) for channel in channels]))


async def _probe(channel: Channel, alert: Alert) -> ProbeResult:
    started_s = time.monotonic()
    result = await channel.send(alert)
    took_ms = 1000 * (time.monotonic() - started_s)
    return ProbeResult(channel.name, isinstance(result, Delivered), f"{result.detail}, after {took_ms:.0f} ms")
