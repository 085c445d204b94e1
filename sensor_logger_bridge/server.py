"""The HTTP server of the bridge: one path for each app, health checks, the OpenAPI document and the pairing page.

A phone sends its token in the `Authorization` header or as the last part of the path.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Final

from aiohttp import web

from sensor_logger_bridge.apps.app import UNAUTHORIZED, App, Request, Response
from sensor_logger_bridge.apps.registry import APPS
from sensor_logger_bridge.devices.last_seen import LastSeen
from sensor_logger_bridge.devices.registry import DeviceRegistry
from sensor_logger_bridge.http import openapi
from sensor_logger_bridge.http.bearer_token import token_of
from sensor_logger_bridge.http.body import read_body
from sensor_logger_bridge.http.connection_limiter import CONNECTIONS_MAX, ConnectionLimiter
from sensor_logger_bridge.http.server_hardening import Runner, connection_of, resume
from sensor_logger_bridge.ingest.handler import RATE_LIMITED, UNKNOWN_TOKEN, IngestHandler
from sensor_logger_bridge.pairing.page import Pairing
from sensor_logger_bridge.public_url import PublicUrl
from sensor_logger_bridge.publisher import Publisher
from sensor_logger_bridge.translation import Unusable

RETRY_AFTER_S: Final = 5
"""Value of `Retry-After` in answers with status 429 and 503."""

ACCEPT_BACKLOG: Final = 1024
"""Size of the socket's accept queue. A client that finds it full tries again after one second at the earliest."""

REFUSAL_DELAY_S: Final = 0.5
"""Delay of the answer to an unknown token or to too many requests, so that an immediate retry gains nothing."""

WWW_AUTHENTICATE: Final = 'Basic realm="Geovelocity"'

READY_CACHE_S: Final = 1.0
"""Lifetime of the broker's answer to `/readyz`, so that frequent requests do not reach the broker."""

LOOPBACK_URL: Final = PublicUrl("127.0.0.1", 8100)


class Bridge:
    """The bridge's routes and their state. `apps`: the phone apps that it supports."""

    def __init__(
        self,
        devices: DeviceRegistry,
        publisher: Publisher,
        connections_max: int = CONNECTIONS_MAX,
        refusal_delay_s: float = REFUSAL_DELAY_S,
        public_url: PublicUrl = LOOPBACK_URL,
        apps: Sequence[App] = APPS,
    ) -> None:
        self.connections = ConnectionLimiter(connections_max)
        self.handler = IngestHandler(devices, publisher)
        self._apps = apps
        self._refusal_delay_s = refusal_delay_s
        self._ready_lock = asyncio.Lock()
        self._ready_until_s = 0.0
        self._is_ready = False
        self._pairing = Pairing(self.handler, self.connections, public_url, apps, refusal_delay_s)

    @property
    def last_seen(self) -> LastSeen:
        return self.handler.last_seen

    @property
    def answered(self) -> Counter[str]:
        return self.handler.answered

    def application(self) -> web.Application:
        """Return the routes. Start the publisher before you serve them."""
        application = web.Application()
        for app in self._apps:
            for method in app.methods:
                for path in (f"/{app.name}", f"/{app.name}/{{token}}"):
                    application.router.add_route(method, path, partial(self._push, app), expect_handler=resume)
        application.router.add_get("/livez", self._live, expect_handler=resume)
        application.router.add_get("/readyz", self._ready, expect_handler=resume)
        application.router.add_get(openapi.PATH, self._openapi, expect_handler=resume)
        self._pairing.add_to(application)
        return application

    async def _push(self, app: App, request: web.Request) -> web.Response:
        owner = self.handler.owner_of(token_of(request))
        if owner is None:
            self.answered[str(UNKNOWN_TOKEN.code)] += 1
            await asyncio.sleep(self._refusal_delay_s)
            return _response(Response(app.unknown_token_status, UNKNOWN_TOKEN.text))
        self.connections.mark_authenticated(connection_of(request), owner, time.monotonic())
        if not self.handler.rate_limiter.try_acquire(owner, time.monotonic()):
            self.handler.reject(app, owner, RATE_LIMITED, _now_ms())
            await asyncio.sleep(self._refusal_delay_s)
            return _response(app.response_to(RATE_LIMITED))
        body = await read_body(request, app)
        if isinstance(body, Unusable):
            self.handler.reject(app, owner, body, _now_ms())
            return _response(app.response_to(body))
        message = Request(body, request.rel_url.raw_query_string, request.content_type)
        return _response(app.response_to(await self.handler.accept(app, owner, message, _now_ms())))

    async def _live(self, _request: web.Request) -> web.Response:
        return web.Response(text="live")

    async def _ready(self, _request: web.Request) -> web.Response:
        async with self._ready_lock:
            if time.monotonic() >= self._ready_until_s:
                self._is_ready = await self.handler.publisher.is_broker_available()
                self._ready_until_s = time.monotonic() + READY_CACHE_S
        ready = self._is_ready
        return web.Response(status=200 if ready else 503, text="ready" if ready else "no broker answers")

    async def _openapi(self, _request: web.Request) -> web.Response:
        return web.json_response(openapi.document(self._apps))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _response(response: Response) -> web.Response:
    headers = {}
    if response.status in (429, 503):
        headers["Retry-After"] = str(RETRY_AFTER_S)
    if response.status == UNAUTHORIZED:
        headers["WWW-Authenticate"] = WWW_AUTHENTICATE
    return web.Response(status=response.status, text=response.text, content_type=response.media_type, headers=headers)


async def serve(bridge: Bridge, host: str, port: int) -> web.AppRunner:
    """Listen until the runner is cleaned up. aiohttp does not decompress bodies: `read_body` does, with a limit.

    Raises:
        OSError: the port is in use.
    """
    runner = Runner(bridge.application(), bridge.connections)
    await runner.setup()
    await web.TCPSite(runner, host, port, backlog=ACCEPT_BACKLOG).start()
    return runner
