"""An aiohttp server that quotes no input in answers or logs, and that limits the time of every connection.

aiohttp answers malformed HTTP with the line it could not parse, and logs that line with a traceback. The line may
contain tokens, positions and card numbers. aiohttp also waits more than a minute for the head of a request, and for
ever for a client that does not read the answer. It has no settings for either, so this module replaces three of its
classes.
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
"""Time for reading and dropping the rest of a rejected body. Without it a connection reset could lose the answer."""


class HardenedHandler(web.RequestHandler):
    """One connection, which reports itself to the limiter."""

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
        """Abort the connection. A graceful close would never end if the client does not read."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()

    def handle_error(
        self,
        request: web.BaseRequest,  # noqa: ARG002 - aiohttp's signature
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - quotes what was sent
    ) -> web.StreamResponse:
        """Answer with the status alone. Log only errors of the bridge itself, by type and line of code."""
        if status >= 500 and exc is not None:
            place = extract_tb(exc.__traceback__)[-1:]
            where = f" at {place[0].filename}:{place[0].lineno}" if place else ""
            log.error("cannot answer a request: %s%s", type(exc).__name__, where)
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
    """An aiohttp runner with a connection limiter, without access log and without decompression."""

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
    """Return the request's connection."""
    connection = request.protocol
    assert isinstance(connection, HardenedHandler)  # noqa: S101 - `Runner` creates no others
    return connection


async def resume(request: web.Request) -> None:
    """Answer `Expect: 100-continue`. Ignore other expectations (allowed by RFC 9110, 10.1.1) and quote none."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # the response itself has not started
