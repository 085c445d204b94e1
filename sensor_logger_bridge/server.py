"""The HTTP side: `POST /sensor-logger`, with the token in the Authorization header or as the last part of the path."""

import asyncio
import logging
import time
from collections import Counter
from typing import Final

from aiohttp import web

from sensor_logger_bridge import openapi
from sensor_logger_bridge.apps import sensor_logger
from sensor_logger_bridge.body import read_body
from sensor_logger_bridge.cloak import CloakWatch
from sensor_logger_bridge.devices import Devices
from sensor_logger_bridge.door import CONNECTIONS_MAX, Connection, Door
from sensor_logger_bridge.heard import Complaint, Heard
from sensor_logger_bridge.publisher import BrokerAwayError, Publisher
from sensor_logger_bridge.rate import RateLimit
from sensor_logger_bridge.translation import SHOWN_TO_THE_PERSON, Fixes, Refused, Understood
from sensor_logger_bridge.wire import Handler, Runner, go_on

log = logging.getLogger(__name__)

RETRY_AFTER_S: Final = 5
BACKLOG: Final = 1024
"""Connections that wait to be accepted; whoever finds no room there comes again a second later at best."""

PAUSE_S: Final = 0.5
"""How long somebody waits for the answer that he is unknown, or comes too often: to ask again at once gains nothing."""

READY_FOR_S: Final = 1.0
"""For how long an answer of the broker counts: whoever asks `/readyz` again and again asks us, and not the broker."""

UNKNOWN_TOKEN: Final = Refused(
    SHOWN_TO_THE_PERSON,
    "unknown-token",
    "This phone's token is not known to the bank. Pair the phone again and put the new token into Auth Header.",
)
FOREIGN_DEVICE: Final = Refused(403, "foreign-device", "This token belongs to another device.")
TOO_OFTEN: Final = Refused(429, "too-often", "Too many messages: lengthen the batch period.")
CLOAKED: Final = Refused(
    SHOWN_TO_THE_PERSON,
    "cloaked",
    "This phone rounds its positions. Switch off Coordinates Cloaking in Sensor Logger, then record again.",
)
BROKER_AWAY: Final = Refused(503, "broker-away", "The bank cannot take positions now; this one was not kept.")


class Bridge:
    """Answers phones. Counts what it answered, by code; logs no ids, tokens or positions."""

    def __init__(
        self,
        devices: Devices,
        publisher: Publisher,
        connections_max: int = CONNECTIONS_MAX,
        pause_s: float = PAUSE_S,
    ) -> None:
        self.door = Door(connections_max)
        self.heard = Heard()
        self._pause_s = pause_s
        self._asking = asyncio.Lock()
        self._ready_until_s = 0.0
        self._is_ready = False
        self._devices = devices
        self._publisher = publisher
        self._rate = RateLimit()
        self._cloak = CloakWatch()
        self._broker_answers = True
        self.answered: Counter[str] = Counter()

    def application(self) -> web.Application:
        """The routes. Start the publisher before serving them."""
        app = web.Application()
        app.router.add_post("/sensor-logger", self._push, expect_handler=go_on)
        app.router.add_post("/sensor-logger/{token}", self._push, expect_handler=go_on)
        app.router.add_get("/livez", self._live, expect_handler=go_on)
        app.router.add_get("/readyz", self._ready, expect_handler=go_on)
        app.router.add_get(openapi.PATH, self._describe, expect_handler=go_on)
        return app

    async def _push(self, request: web.Request) -> web.Response:
        answer = await self._answer(request)
        if isinstance(answer, Refused):
            self.answered[str(answer.code)] += 1
            if answer in (UNKNOWN_TOKEN, TOO_OFTEN):
                await asyncio.sleep(self._pause_s)
            headers = {"Retry-After": str(RETRY_AFTER_S)} if answer.status in (429, 503) else None
            return web.Response(status=answer.status, text=answer.text, headers=headers)
        self.answered["ok"] += 1
        return web.Response(text=answer)

    async def _answer(self, request: web.Request) -> str | Refused:
        owner = self._devices.device_of(_token(request))
        if owner is None:
            return UNKNOWN_TOKEN
        self.door.recognise(_connection(request), owner, time.monotonic())
        if not self._rate.allows(owner, time.monotonic()):
            return TOO_OFTEN
        body = await read_body(request)
        if isinstance(body, Refused):
            return body
        message = sensor_logger.parse(body)
        if isinstance(message, Refused):
            return message
        if message.deviceId != owner:
            return FOREIGN_DEVICE
        now_ms = time.time_ns() // 1_000_000
        translation = sensor_logger.translate(message, received_at_ms=now_ms)
        answer = await self._keep(translation) if isinstance(translation, Fixes) else translation
        if isinstance(answer, Refused):
            self.heard.word(owner, sensor_logger.SOURCE, now_ms, Complaint(str(answer.code), answer.text))
            return answer
        if isinstance(translation, Fixes):
            self.heard.fixes(translation.push, sensor_logger.SOURCE, now_ms)
        else:
            self.heard.word(owner, sensor_logger.SOURCE, now_ms)
        return answer.text if isinstance(answer, Understood) else answer

    async def _keep(self, translation: Fixes) -> str | Refused:
        if self._cloak.is_cloaked(translation.push.device_id, translation.push.fixes):
            return CLOAKED
        try:
            await self._publisher.publish(translation.push)
        except BrokerAwayError as error:
            self._note_broker(answers=False, why=str(error))
            return BROKER_AWAY
        self._note_broker(answers=True)
        return f"{len(translation.push.fixes)} positions kept"

    def _note_broker(self, *, answers: bool, why: str = "") -> None:
        """Says so once when it changes, not for every phone."""
        if answers != self._broker_answers:
            self._broker_answers = answers
            log.warning("the broker answers again" if answers else f"pushes are not confirmed ({why}): phones get 503")

    async def _live(self, _request: web.Request) -> web.Response:
        return web.Response(text="live")

    async def _ready(self, _request: web.Request) -> web.Response:
        async with self._asking:
            if time.monotonic() >= self._ready_until_s:
                self._is_ready = await self._publisher.answers()
                self._ready_until_s = time.monotonic() + READY_FOR_S
        ready = self._is_ready
        return web.Response(status=200 if ready else 503, text="ready" if ready else "no broker answers")

    async def _describe(self, _request: web.Request) -> web.Response:
        return web.json_response(openapi.document())


def _token(request: web.Request) -> str:
    """As the app sends it: alone or after the word Bearer; or in the path, for apps that cannot set headers."""
    header = request.headers.get("Authorization", "")
    return header.removeprefix("Bearer ").strip() or request.match_info.get("token", "")


def _connection(request: web.Request) -> Connection:
    connection = request.protocol
    assert isinstance(connection, Handler)  # noqa: S101 - our own runner makes no others
    return connection


async def serve(bridge: Bridge, host: str, port: int) -> web.AppRunner:
    """Listens until the runner is cleaned up. Bodies come as they are: `read_body` inflates them with a limit.

    Raises:
        OSError: the port is taken.
    """
    runner = Runner(bridge.application(), bridge.door)
    await runner.setup()
    await web.TCPSite(runner, host, port, backlog=BACKLOG).start()
    return runner
