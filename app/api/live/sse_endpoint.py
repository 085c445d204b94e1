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
from app.api.live.sse_events import ALIVE, BEGIN
from app.api.live.state import LiveState

PAGES_MAX: Final = 500
TICK_S: Final = 0.25
TICKS_A_PULSE: Final = 4
TICKS_A_COMMENT: Final = 40
ALIVE_S: Final = 10.0
CUT_OFF_S: Final = 60.0
UNSENT_BYTES_MAX: Final = 256 << 10
"""In the kernel. By itself it would hold megabytes, minutes of old news, for somebody who reads slowly."""

HEADERS: Final = {hdrs.CONTENT_TYPE: "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}


class EventStream:
    """The pages that listen."""

    def __init__(self, knowledge: LiveState, access: AuthMiddleware) -> None:
        self._knowledge = knowledge
        self._access = access
        self.broadcast = EventHub(knowledge)
        self.pages = 0
        self.cut_off = 0

    def mount(self, application: web.Application) -> None:
        application.router.add_get("/api/stream", self._listen)
        application.on_shutdown.append(self._stop)

    async def run(self) -> None:
        """Makes events, until it is cancelled. What was read at the start is no news."""
        await self._knowledge.is_current.wait()
        self._knowledge.recent.changes(0)
        tick = 0
        while True:
            self.broadcast.make_cases()
            if tick % TICKS_A_PULSE == 0:
                self.broadcast.make_pulse(time.time())
            if tick % TICKS_A_COMMENT == 0:
                self.broadcast.make_comment()
            tick += 1
            await asyncio.sleep(TICK_S)

    async def _stop(self, _application: web.Application) -> None:
        """Pages come again by themselves, and say where they stopped."""
        self.broadcast.close()

    async def _listen(self, request: web.Request) -> web.StreamResponse:
        if self.pages >= PAGES_MAX:
            raise ApiError(503, "Too many pages are open: close some, or try later.")
        resumed = request.headers.get("Last-Event-ID") or request.query.get("after", "")
        response = web.StreamResponse(headers=HEADERS)
        self.pages += 1
        try:
            await response.prepare(request)
            _keep_little_unsent(request)
            await self._tell(request, response, Subscriber(decode(resumed, self._knowledge.recent.partitions)))
        except ConnectionError:
            pass  # it has gone
        except TimeoutError:
            self.cut_off += 1
            if request.transport is not None:
                request.transport.abort()
        finally:
            self.pages -= 1
        return response

    async def _tell(self, request: web.Request, response: web.StreamResponse, reader: Subscriber) -> None:
        """Until there is no more, or whoever listens may not any longer."""
        now_s = asyncio.get_running_loop().time
        allowed_until_s = 0.0
        async for said in self._words(reader):
            if now_s() >= allowed_until_s:
                if self._access.user_of(request) is None:
                    return
                allowed_until_s = now_s() + ALIVE_S
            async with asyncio.timeout(CUT_OFF_S):
                await response.write(said)

    async def _words(self, reader: Subscriber) -> AsyncIterator[bytes]:
        yield BEGIN
        while not self._knowledge.is_current.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._knowledge.is_current.wait(), ALIVE_S)
            yield ALIVE
        yield self.broadcast.greet(reader)
        while not self.broadcast.is_closed:
            if said := self.broadcast.next_for(reader):
                yield said
            else:
                await self.broadcast.news()


def _keep_little_unsent(request: web.Request) -> None:
    """Before anything is written; a test's transport may have no socket."""
    connection = request.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNSENT_BYTES_MAX)
