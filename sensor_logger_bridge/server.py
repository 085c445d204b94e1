"""The HTTP side: a path for each app, with the token in the Authorization header or as the last part of the path."""

import asyncio
import time
from collections import Counter
from functools import partial
from typing import Final

from aiohttp import web

from sensor_logger_bridge import openapi
from sensor_logger_bridge.apps.all import APPS
from sensor_logger_bridge.apps.app import UNAUTHORIZED, App, Reply, Sent
from sensor_logger_bridge.authorization import token_of
from sensor_logger_bridge.body import read_body
from sensor_logger_bridge.devices import Devices
from sensor_logger_bridge.door import CONNECTIONS_MAX, Door
from sensor_logger_bridge.heard import Heard
from sensor_logger_bridge.intake import TOO_OFTEN, UNKNOWN_TOKEN, Intake
from sensor_logger_bridge.pairing.page import Pairing
from sensor_logger_bridge.publisher import Publisher
from sensor_logger_bridge.reach import Reach
from sensor_logger_bridge.translation import Refused
from sensor_logger_bridge.wire import Runner, connection_of, go_on

RETRY_AFTER_S: Final = 5
BACKLOG: Final = 1024
"""Connections that wait to be accepted; whoever finds no room there comes again a second later at best."""

PAUSE_S: Final = 0.5
"""How long somebody waits for the answer that he is unknown, or comes too often: to ask again at once gains nothing."""

CHALLENGE: Final = 'Basic realm="Geovelocity"'

READY_FOR_S: Final = 1.0
"""For how long an answer of the broker counts: whoever asks `/readyz` again and again asks us, and not the broker."""

ON_LOOPBACK: Final = Reach("127.0.0.1", 8100)


class Bridge:
    """Answers phones."""

    def __init__(
        self,
        devices: Devices,
        publisher: Publisher,
        connections_max: int = CONNECTIONS_MAX,
        pause_s: float = PAUSE_S,
        reach: Reach = ON_LOOPBACK,
    ) -> None:
        self.door = Door(connections_max)
        self.intake = Intake(devices, publisher)
        self._pause_s = pause_s
        self._asking = asyncio.Lock()
        self._ready_until_s = 0.0
        self._is_ready = False
        self._pairing = Pairing(self.intake, self.door, reach, pause_s)

    @property
    def heard(self) -> Heard:
        return self.intake.heard

    @property
    def answered(self) -> Counter[str]:
        return self.intake.answered

    def application(self) -> web.Application:
        """The routes. Start the publisher before serving them."""
        application = web.Application()
        for app in APPS:
            for method in app.methods:
                for path in (f"/{app.name}", f"/{app.name}/{{token}}"):
                    application.router.add_route(method, path, partial(self._push, app), expect_handler=go_on)
        application.router.add_get("/livez", self._live, expect_handler=go_on)
        application.router.add_get("/readyz", self._ready, expect_handler=go_on)
        application.router.add_get(openapi.PATH, self._describe, expect_handler=go_on)
        self._pairing.add_to(application)
        return application

    async def _push(self, app: App, request: web.Request) -> web.Response:
        owner = self.intake.owner_of(token_of(request))
        if owner is None:
            self.answered[str(UNKNOWN_TOKEN.code)] += 1
            await asyncio.sleep(self._pause_s)
            return _response(Reply(app.stranger_status, UNKNOWN_TOKEN.text))
        self.door.recognise(connection_of(request), owner, time.monotonic())
        if not self.intake.rate.allows(owner, time.monotonic()):
            self.intake.refuse(app, owner, TOO_OFTEN, _now_ms())
            await asyncio.sleep(self._pause_s)
            return _response(app.reply(TOO_OFTEN))
        body = await read_body(request, app)
        if isinstance(body, Refused):
            self.intake.refuse(app, owner, body, _now_ms())
            return _response(app.reply(body))
        sent = Sent(body, request.rel_url.raw_query_string, request.content_type)
        return _response(app.reply(await self.intake.take(app, owner, sent, _now_ms())))

    async def _live(self, _request: web.Request) -> web.Response:
        return web.Response(text="live")

    async def _ready(self, _request: web.Request) -> web.Response:
        async with self._asking:
            if time.monotonic() >= self._ready_until_s:
                self._is_ready = await self.intake.publisher.answers()
                self._ready_until_s = time.monotonic() + READY_FOR_S
        ready = self._is_ready
        return web.Response(status=200 if ready else 503, text="ready" if ready else "no broker answers")

    async def _describe(self, _request: web.Request) -> web.Response:
        return web.json_response(openapi.document())


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _response(reply: Reply) -> web.Response:
    headers = {}
    if reply.status in (429, 503):
        headers["Retry-After"] = str(RETRY_AFTER_S)
    if reply.status == UNAUTHORIZED:
        headers["WWW-Authenticate"] = CHALLENGE
    return web.Response(status=reply.status, text=reply.text, content_type=reply.media_type, headers=headers)


async def serve(bridge: Bridge, host: str, port: int) -> web.AppRunner:
    """Listens until the runner is cleaned up. Bodies come as they are: `read_body` inflates them with a limit.

    Raises:
        OSError: the port is taken.
    """
    runner = Runner(bridge.application(), bridge.door)
    await runner.setup()
    await web.TCPSite(runner, host, port, backlog=BACKLOG).start()
    return runner
