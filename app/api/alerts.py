"""Alerts: which channels there are, and the button that tries them."""

import time
from collections.abc import Callable
from math import ceil, inf
from typing import Final

import msgspec
from aiohttp import web

from app.alerts.verification import send_test_alert
from app.api.auth.middleware import analyst_of
from app.api.errors import ApiError
from app.settings import Settings

TEST_INTERVAL_S: Final = 10.0
"""People are told something with each try."""


class AlertRoutes:
    """A room of the console. `clock`: seconds of any steady clock."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._last_test_s = -inf

    def mount(self, application: web.Application) -> None:
        application.router.add_get("/api/alerts", self._list)
        application.router.add_post("/api/alerts/test", self._test)

    async def _list(self, _request: web.Request) -> web.Response:
        targets = self._settings.alert_targets
        return web.json_response({"channels": [{"name": name, "target": host} for name, host in targets.items()]})

    async def _test(self, request: web.Request) -> web.Response:
        analyst_of(request)
        left_s = self._last_test_s + TEST_INTERVAL_S - self._clock()
        if left_s > 0:
            raise ApiError(429, f"Alerts were tried just now: wait {ceil(left_s)} s.")
        self._last_test_s = self._clock()
        results = await send_test_alert(self._settings)
        return web.json_response({"results": [msgspec.to_builtins(result) for result in results]})
