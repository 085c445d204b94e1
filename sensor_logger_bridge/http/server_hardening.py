"""Wire: what is no HTTP is refused without being quoted, in the answer as in the log; every connection has its time.

aiohttp answers with the line it could not read, and logs it with a traceback; tokens, positions and card numbers can
stand in it. It waits for a minute and more for the head of a request, and for ever for somebody who does not read the
answer. It has no settings for that, so three of its classes are told here which class to make.
"""

import asyncio
import contextlib
import logging
from http import HTTPStatus
from time import monotonic
from traceback import extract_tb
from typing import Final

from aiohttp import web

from sensor_logger_bridge.http.connection_limiter import EVICT_EVERY_S, IDLE_TIMEOUT_S, ConnectionLimiter

log = logging.getLogger(__name__)

LINGER_S: Final = 2.0
"""How long the rest of a refused body is read and dropped, so that the answer is not lost in a reset connection."""


class HardenedHandler(web.RequestHandler):
    """One connection."""

    __slots__ = ("limiter",)
    limiter: ConnectionLimiter

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        self.limiter.opened(self, str(peer[0]) if isinstance(peer, tuple) else "", monotonic())

    def connection_lost(self, exc: BaseException | None) -> None:
        self.limiter.closed(self)
        super().connection_lost(exc)

    def evict(self) -> None:
        """By force: whoever does not read what is written to him would never let go of a connection that closes."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()

    def handle_error(
        self,
        request: web.BaseRequest,  # noqa: ARG002 - aiohttp's signature
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - quotes what was sent
    ) -> web.StreamResponse:
        """An answer that says no more than its status; only what is our own fault is logged, by type and place."""
        if status >= 500 and exc is not None:
            place = extract_tb(exc.__traceback__)[-1:]
            where = f" at {place[0].filename}:{place[0].lineno}" if place else ""
            log.error("a request could not be answered: %s%s", type(exc).__name__, where)
        answer = web.Response(status=status, text=f"{HTTPStatus(status).phrase}.")
        answer.force_close()
        return answer


class _Server(web.Server):
    limiter: ConnectionLimiter

    def __call__(self) -> web.RequestHandler:
        handler = HardenedHandler(self, loop=self._loop, **self._kwargs)
        handler.limiter = self.limiter
        return handler


class Runner(web.AppRunner):
    """As aiohttp's, with a door. Bodies come as they are, and nothing is logged of a request."""

    def __init__(self, application: web.Application, limiter: ConnectionLimiter) -> None:
        super().__init__(
            application,
            access_log=None,
            auto_decompress=False,
            keepalive_timeout=IDLE_TIMEOUT_S,
            lingering_time=LINGER_S,
        )
        self._limiter = limiter
        self._eviction: asyncio.Task[None] | None = None

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        server.__class__ = _Server
        assert isinstance(server, _Server)  # noqa: S101 - see the line before
        server.limiter = self._limiter
        return server

    async def setup(self) -> None:
        await super().setup()
        self._eviction = asyncio.create_task(self._evict_expired())

    async def cleanup(self) -> None:
        if self._eviction is not None:
            self._eviction.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._eviction
        await super().cleanup()

    async def _evict_expired(self) -> None:
        while True:
            await asyncio.sleep(EVICT_EVERY_S)
            self._limiter.evict_expired(monotonic())


def connection_of(request: web.Request) -> HardenedHandler:
    """The connection a request came over."""
    connection = request.protocol
    assert isinstance(connection, HardenedHandler)  # noqa: S101 - our own runner makes no others
    return connection


async def resume(request: web.Request) -> None:
    """For `Expect: 100-continue`; any other expectation may be left alone (RFC 9110, 10.1.1), and is not quoted."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # the answer itself has not begun
