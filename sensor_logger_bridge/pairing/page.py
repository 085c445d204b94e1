"""The pairing page: `/pair` and its files are public; its requests for setup and status need the phone's token.

The token is in the page's address after the `#`, which browsers do not send. The page sends it in a header. So no log
contains it.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from sensor_logger_bridge.apps.app import App
from sensor_logger_bridge.apps.setup import PhoneSetup
from sensor_logger_bridge.http.connection_limiter import ConnectionLimiter
from sensor_logger_bridge.http.rate_limiter import TokenBucket
from sensor_logger_bridge.http.server_hardening import connection_of, resume
from sensor_logger_bridge.ingest.handler import IngestHandler
from sensor_logger_bridge.pairing.qr import qr_code
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
"""Path to file and media type. The bridge serves no other file."""

_WEB: Final = Path(__file__).parent / "web"
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_PRIVATE: Final = _HEADERS | {"Cache-Control": "no-store"}
RETRY_AFTER_S: Final = 5
"""Value of `Retry-After` for a page that sends too many requests."""

UNKNOWN_TOKEN: Final = Unusable(
    401, "unknown-token", "The token in this page's address is unknown: pair the phone again with `geovelocity pair`."
)
RATE_LIMITED: Final = Unusable(429, "too-often", "This page is open in too many windows: close some of them.")


class Pairing:
    """Routes of the pairing page. Rejected requests are counted by code in `IngestHandler.answered`."""

    def __init__(
        self,
        handler: IngestHandler,
        limiter: ConnectionLimiter,
        public_url: PublicUrl,
        apps: Sequence[App],
        refusal_delay_s: float,
    ) -> None:
        self._handler = handler
        self._limiter = limiter
        self._public_url = public_url
        self._apps = apps
        self._refusal_delay_s = refusal_delay_s
        self._rate_limiter = TokenBucket()  # separate, so that an open page does not use up the phone's rate
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
            return await self._reject(owner)
        base = self._public_url.base_url(request.host)
        page, phone = f"{base}{PATH}#{token}", PhoneSetup(base, owner, token)
        return _json(
            {
                "device": owner,
                "page": {"url": page, "qr": asdict(qr_code(page))},
                "only_here": self._public_url.is_loopback_only,
                "apps": [_app_json(app, phone) for app in self._apps],
            }
        )

    async def _status(self, request: web.Request) -> web.Response:
        owner = self._admit(request, _token(request))
        if isinstance(owner, Unusable):
            return await self._reject(owner)
        return _json(status(owner, self._handler.last_seen.of(owner), time.time_ns() // 1_000_000))

    def _admit(self, request: web.Request, token: str) -> str | Unusable:
        """Return the token's device, or the reason for not answering the page."""
        owner = self._handler.owner_of(token)
        if owner is None:
            return UNKNOWN_TOKEN
        self._limiter.mark_authenticated(connection_of(request), owner, time.monotonic())
        return owner if self._rate_limiter.try_acquire(owner, time.monotonic()) else RATE_LIMITED

    async def _reject(self, unusable: Unusable) -> web.Response:
        self._handler.answered[str(unusable.code)] += 1
        await asyncio.sleep(self._refusal_delay_s)
        retry_after = {"Retry-After": str(RETRY_AFTER_S)} if unusable is RATE_LIMITED else {}
        return web.Response(status=unusable.status, text=unusable.text, headers=_PRIVATE | retry_after)


def _token(request: web.Request) -> str:
    return request.headers.get("Authorization", "").removeprefix("Bearer ").strip()


def _json(answer: dict[str, Any]) -> web.Response:
    return web.json_response(answer, headers=_PRIVATE)


def _app_json(app: App, phone: PhoneSetup) -> dict[str, Any]:
    """Return an app's setup, with a QR code if the app can use one."""
    setup = app.setup(phone)
    text = setup.code or setup.link
    code = asdict(qr_code(text)) if text else None
    return {"name": app.name, "title": app.title, **asdict(setup), "qr": code}
