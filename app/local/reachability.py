"""Whether phones reach the bridge of this machine, and advice where they do not."""

from typing import Final
from urllib.parse import urlsplit

import aiohttp

from app.settings import Settings
from sensor_logger_bridge.public_url import is_loopback

TIMEOUT_S: Final = 2.0
"""Timeout of one request to the bridge, which is on this machine or in its network."""

NOT_STARTED: Final = (
    "No bridge answers on port {port} of this machine: start it with `geovelocity up --lan` (`make up ARGS=--lan`)."
)
ONLY_HERE: Final = (
    "The bridge listens on this machine only, so phones cannot reach it: run `geovelocity down`, then "
    "`geovelocity up --lan` (`make up ARGS=--lan`)."
)
ONLY_PROGRAMS: Final = (
    "Only programs on this machine reach that address. For a phone, set --address to this machine's address in your "
    "network."
)
NO_URL: Final = (
    "Phones have no address of the bridge: set GEOVELOCITY_BRIDGE_URL to the https address of the proxy in front of it."
)


async def advice(settings: Settings, base: str) -> str | None:
    """Return the next step where no phone can reach `base`, or None where a phone in this network can.

    The check sends requests to the bridge itself, so it does not matter how the bridge was started.
    """
    if settings.bridge_url:
        return None  # the proxy may be far away, and this machine may be unable to reach it
    if settings.mode == "production":
        return NO_URL
    if not await _answers(settings.public_url.local_url):
        return NOT_STARTED.format(port=settings.bridge[1])
    if is_loopback(urlsplit(base).hostname or ""):
        return ONLY_PROGRAMS
    return None if await _answers(base) else ONLY_HERE


async def _answers(base: str) -> bool:
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as session,
            session.get(f"{base}/livez") as response,
        ):
            return response.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False
