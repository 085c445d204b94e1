"""The pairing page and what it asks: `/pair` with its files for everybody, the rest with the phone's token.

The token is in the address behind the `#`, which browsers keep to themselves, and comes in a header: no log sees it.
"""

import asyncio
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from sensor_logger_bridge.http.connection_limiter import ConnectionLimiter
from sensor_logger_bridge.http.rate_limiter import TokenBucket
from sensor_logger_bridge.http.server_hardening import connection_of, resume
from sensor_logger_bridge.ingest.handler import IngestHandler
from sensor_logger_bridge.pairing.qr import qr_code
from sensor_logger_bridge.pairing.setup import AppSetup, PhoneSetup, setups
from sensor_logger_bridge.pairing.status import status
from sensor_logger_bridge.public_url import PublicUrl
from sensor_logger_bridge.translation import Unusable

PATH: Final = "/pair"
SETUP: Final = f"{PATH}/setup"
STATUS: Final = f"{PATH}/status"
FILES: Final = {
    PATH: ("pairing.html", "text/html"),
    f"{PATH}/pairing.css": ("pairing.css", "text/css"),
    f"{PATH}/pairing.js": ("pairing.js", "text/javascript"),
    f"{PATH}/icon.svg": ("icon.svg", "image/svg+xml"),
}
"""Path, file, media type: nothing else of the disk is served."""

_WEB: Final = Path(__file__).parent / "web"
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_PRIVATE: Final = _HEADERS | {"Cache-Control": "no-store"}
RETRY_AFTER_S: Final = 5

UNKNOWN_TOKEN: Final = Unusable(
    401, "unknown-token", "The token in its address is not known: pair the phone again with `geovelocity pair`."
)
RATE_LIMITED: Final = Unusable(429, "too-often", "This page is open too many times: close some.")


class Pairing:
    """Answers pages. What it refuses is counted by code, together with what phones are answered."""

    def __init__(
        self, handler: IngestHandler, limiter: ConnectionLimiter, public_url: PublicUrl, refusal_delay_s: float
    ) -> None:
        self._handler = handler
        self._limiter = limiter
        self._public_url = public_url
        self._refusal_delay_s = refusal_delay_s
        self._rate_limiter = TokenBucket()  # of its own: a page that is open must not take the phone's place
        self._files = {name: (_WEB / name).read_bytes() for name, _ in FILES.values()}

    def add_to(self, app: web.Application) -> None:
        for path in FILES:
            app.router.add_get(path, self._file, expect_handler=resume)
        app.router.add_get(SETUP, self._setup, expect_handler=resume)
        app.router.add_get(STATUS, self._status, expect_handler=resume)

    async def _file(self, request: web.Request) -> web.Response:
        name, media_type = FILES[request.path]
        headers = _HEADERS | {"Cache-Control": "no-cache"}
        return web.Response(body=self._files[name], content_type=media_type, charset="utf-8", headers=headers)

    async def _setup(self, request: web.Request) -> web.Response:
        token = _token(request)
        owner = self._admit(request, token)
        if isinstance(owner, Unusable):
            return await self._refuse(owner)
        base = self._public_url.base_url(request.host)
        page = f"{base}{PATH}#{token}"
        return _json(
            {
                "device": owner,
                "page": {"url": page, "qr": asdict(qr_code(page))},
                "only_here": self._public_url.is_loopback_only,
                "apps": [_app_json(setup) for setup in setups(PhoneSetup(base, owner, token))],
            }
        )

    async def _status(self, request: web.Request) -> web.Response:
        owner = self._admit(request, _token(request))
        if isinstance(owner, Unusable):
            return await self._refuse(owner)
        return _json(status(owner, self._handler.last_seen.of(owner), time.time_ns() // 1_000_000))

    def _admit(self, request: web.Request, token: str) -> str | Unusable:
        """The device whose token it is."""
        owner = self._handler.owner_of(token)
        if owner is None:
            return UNKNOWN_TOKEN
        self._limiter.mark_authenticated(connection_of(request), owner, time.monotonic())
        return owner if self._rate_limiter.try_acquire(owner, time.monotonic()) else RATE_LIMITED

    async def _refuse(self, refused: Unusable) -> web.Response:
        self._handler.answered[str(refused.code)] += 1
        await asyncio.sleep(self._refusal_delay_s)
        again = {"Retry-After": str(RETRY_AFTER_S)} if refused is RATE_LIMITED else {}
        return web.Response(status=refused.status, text=refused.text, headers=_PRIVATE | again)


def _token(request: web.Request) -> str:
    return request.headers.get("Authorization", "").removeprefix("Bearer ").strip()


def _json(answer: dict[str, Any]) -> web.Response:
    return web.json_response(answer, headers=_PRIVATE)


def _app_json(setup: AppSetup) -> dict[str, Any]:
    """An app for the page, with its QR code where there is something for one."""
    text = setup.code or setup.link
    return asdict(setup) | {"qr": asdict(qr_code(text)) if text else None}
