"""The endpoint `GET /api/stream`: events of the hub over one connection per page.

Each page has its own task, which waits only for its own socket. For a slow client the server buffers at most the send
buffer of the socket and one event. It closes the connection after `WRITE_TIMEOUT_S`.
"""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import hdrs, web

from app.api.auth.middleware import AuthMiddleware
from app.api.endpoint import Endpoint, Parameter, mount_endpoints, serves
from app.api.errors import ApiError
from app.api.live.event_hub import EventHub, Subscriber
from app.api.live.resume_token import decode
from app.api.live.sse_events import BODIES, KEEPALIVE, RETRY_PREAMBLE
from app.api.live.state import LiveState

PAGES_MAX: Final = 500
TICK_S: Final = 0.25
TICKS_PER_PULSE: Final = 4
TICKS_PER_KEEPALIVE: Final = 40
KEEPALIVE_S: Final = 10.0
"""Interval of comments before the server has caught up, and of session checks on an open connection."""

WRITE_TIMEOUT_S: Final = 60.0
SEND_BUFFER_BYTES: Final = 256 << 10
"""Size of the kernel's send buffer. Its default holds megabytes: minutes of old events for a slow client."""

MEDIA_TYPE: Final = "text/event-stream"
HEADERS: Final = {hdrs.CONTENT_TYPE: f"{MEDIA_TYPE}; charset=utf-8", "X-Accel-Buffering": "no"}
_PARAMETERS: Final = (
    Parameter(name="after", description="Resume token: id of the last event that the client received."),
    Parameter(
        name="Last-Event-ID",
        place="header",
        description="The same, as browsers send it when they reconnect. It takes precedence.",
    ),
)


class EventStream:
    """The open pages and the loop that makes events for them."""

    def __init__(self, state: LiveState, access: AuthMiddleware) -> None:
        self._state = state
        self._access = access
        self.hub = EventHub(state)
        self.pages = 0
        self.slow_clients = 0

    def mount(self, application: web.Application) -> None:
        mount_endpoints(application, self)
        application.on_shutdown.append(self._close)

    async def run(self) -> None:
        """Emit events until cancelled. Cases from before the start are in the snapshot, not in events."""
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
        """End all connections. Pages reconnect on their own and send their resume token."""
        self.hub.close()

    @serves(
        Endpoint(
            method="GET",
            path="/api/stream",
            media_type=MEDIA_TYPE,
            parameters=_PARAMETERS,
            errors=(503,),
            events={name.value: body for name, body in BODIES.items()},
        )
    )
    async def _serve(self, request: web.Request) -> web.StreamResponse:
        """Send events as they happen: first `hello`, then a `snapshot` or the changes since the resume token.

        The id of each event is the resume token after it. The stream ends when the session ends.
        """
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
            pass  # the page has closed the connection
        except TimeoutError:
            self.slow_clients += 1
            if request.transport is not None:
                request.transport.abort()
        finally:
            self.pages -= 1
        return response

    async def _send(self, request: web.Request, response: web.StreamResponse, subscriber: Subscriber) -> None:
        """Send until the hub closes or the session ends."""
        now_s = asyncio.get_running_loop().time
        allowed_until_s = 0.0
        async for chunk in self._chunks(subscriber):
            if now_s() >= allowed_until_s:
                if self._access.user_of(request) is None:
                    return
                allowed_until_s = now_s() + KEEPALIVE_S
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await response.write(chunk)

    async def _chunks(self, subscriber: Subscriber) -> AsyncIterator[bytes]:
        yield RETRY_PREAMBLE
        while not self._state.caught_up.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._state.caught_up.wait(), KEEPALIVE_S)
            yield KEEPALIVE
        yield self.hub.subscribe(subscriber)
        while not self.hub.is_closed:
            if chunk := self.hub.next_for(subscriber):
                yield chunk
            else:
                await self.hub.changed()


def _limit_send_buffer(request: web.Request) -> None:
    """Set the size of the send buffer. Must run before the first write; the transport of a test may have no socket."""
    connection = request.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
