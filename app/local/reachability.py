"""Whether phones reach the bridge of this machine, and what to do where they do not."""

from typing import Final
from urllib.parse import urlsplit

import aiohttp

from app.settings import Settings
from sensor_logger_bridge.public_url import is_loopback

ANSWERS_WITHIN_S: Final = 2.0

NOT_STARTED: Final = (
    "No bridge answers on port {port} of this machine: start it with `geovelocity up --lan` (`make up ARGS=--lan`)."
)
ONLY_HERE: Final = (
    "The bridge listens on this machine alone, so no phone reaches it: `geovelocity down`, then `geovelocity up --lan` "
    "(`make up ARGS=--lan`)."
)
ONLY_PROGRAMS: Final = (
    "Only programs of this machine reach that address. For a phone, say with --address how it reaches this machine."
)
NO_URL: Final = "Set GEOVELOCITY_BRIDGE_URL to where phones reach the bridge: the https address of the proxy before it."


async def advice(settings: Settings, base: str) -> str | None:
    """What to do where no phone could reach `base`. None: this machine reaches it, as a phone beside it would.

    It is asked of the bridge itself, whoever has started it and how.
    """
    if settings.bridge_url:
        return None  # it may be far away, and is not ours to ask
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
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWERS_WITHIN_S)) as session,
            session.get(f"{base}/livez") as answer,
        ):
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False
