"""Stream: `GET /api/stream`, the events of the broadcast over one connection a page.

Each page has a task of its own, which waits for its own socket alone. Whoever does not read has at most what the
sockets hold and one event more waiting for him, and is cut off in the end.
"""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import hdrs, web

from app.api.auth.middleware import AuthMiddleware
from app.api.errors import ApiError
from app.api.live.event_hub import EventHub, Subscriber
from app.api.live.resume_token import decode
from app.api.live.sse_events import KEEPALIVE, RETRY_PREAMBLE
from app.api.live.state import LiveState

PAGES_MAX: Final = 500
TICK_S: Final = 0.25
TICKS_PER_PULSE: Final = 4
TICKS_PER_KEEPALIVE: Final = 40
KEEPALIVE_S: Final = 10.0
WRITE_TIMEOUT_S: Final = 60.0
SEND_BUFFER_BYTES: Final = 256 << 10
"""In the kernel. By itself it would hold megabytes, minutes of old news, for somebody who reads slowly."""

HEADERS: Final = {hdrs.CONTENT_TYPE: "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}


class EventStream:
    """The pages that listen."""

    def __init__(self, state: LiveState, access: AuthMiddleware) -> None:
        self._state = state
        self._access = access
        self.hub = EventHub(state)
        self.pages = 0
        self.slow_clients = 0

    def mount(self, application: web.Application) -> None:
        application.router.add_get("/api/stream", self._serve)
        application.on_shutdown.append(self._close)

    async def run(self) -> None:
        """Makes events, until it is cancelled. What was read at the start is no news."""
        await self._state.caught_up.wait()
        self._state.cases.take_changes(0)
        tick = 0
        while True:
            self.hub.emit_cases()
            if tick % TICKS_PER_PULSE == 0:
                self.hub.emit_pulse(time.time())
            if tick % TICKS_PER_KEEPALIVE == 0:
                self.hub.emit_keepalive()
            tick += 1
            await asyncio.sleep(TICK_S)

    async def _close(self, _application: web.Application) -> None:
        """Pages come again by themselves, and say where they stopped."""
        self.hub.close()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if self.pages >= PAGES_MAX:
            raise ApiError(503, "Too many pages are open: close some, or try later.")
        resumed = request.headers.get("Last-Event-ID") or request.query.get("after", "")
        response = web.StreamResponse(headers=HEADERS)
        self.pages += 1
        try:
            await response.prepare(request)
            _limit_send_buffer(request)
            await self._send(request, response, Subscriber(decode(resumed, self._state.cases.partitions)))
        except ConnectionError:
            pass  # it has gone
        except TimeoutError:
            self.slow_clients += 1
            if request.transport is not None:
                request.transport.abort()
        finally:
            self.pages -= 1
        return response

    async def _send(self, request: web.Request, response: web.StreamResponse, reader: Subscriber) -> None:
        """Until there is no more, or whoever listens may not any longer."""
        now_s = asyncio.get_running_loop().time
        allowed_until_s = 0.0
        async for said in self._chunks(reader):
            if now_s() >= allowed_until_s:
                if self._access.user_of(request) is None:
                    return
                allowed_until_s = now_s() + KEEPALIVE_S
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await response.write(said)

    async def _chunks(self, reader: Subscriber) -> AsyncIterator[bytes]:
        yield RETRY_PREAMBLE
        while not self._state.caught_up.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._state.caught_up.wait(), KEEPALIVE_S)
            yield KEEPALIVE
        yield self.hub.subscribe(reader)
        while not self.hub.is_closed:
            if said := self.hub.next_for(reader):
                yield said
            else:
                await self.hub.changed()


def _limit_send_buffer(request: web.Request) -> None:
    """Before anything is written; a test's transport may have no socket."""
    connection = request.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
