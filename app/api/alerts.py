"""Routes of the alert channels: list them, and send a test alert."""

import time
from collections.abc import Callable
from math import ceil, inf
from typing import Final

from aiohttp import web

from app.alerts.verification import send_test_alert
from app.api.auth.middleware import analyst_of
from app.api.endpoint import Endpoint, mount_endpoints, serves
from app.api.errors import ApiError
from app.api.messages import AlertChannel, AlertChannelsResponse, AlertTestResponse, json_response
from app.settings import Settings

TEST_INTERVAL_S: Final = 10.0
"""Minimum time between two test alerts, because each one notifies people."""


class AlertRoutes:
    """Routes under `/api/alerts`. `clock`: seconds of a monotonic clock."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._last_test_s = -inf

    def mount(self, application: web.Application) -> None:
        mount_endpoints(application, self)

    @serves(Endpoint(method="GET", path="/api/alerts", response=AlertChannelsResponse))
    async def _list(self, _request: web.Request) -> web.Response:
        """List the configured alert channels."""
        targets = self._settings.alert_targets
        return json_response(AlertChannelsResponse([AlertChannel(name, host) for name, host in targets.items()]))

    @serves(Endpoint(method="POST", path="/api/alerts/test", response=AlertTestResponse, errors=(429,)))
    async def _test(self, request: web.Request) -> web.Response:
        """Send a test alert through every channel. Analysts only; at most one test every ten seconds."""
        analyst_of(request)
        left_s = self._last_test_s + TEST_INTERVAL_S - self._clock()
        if left_s > 0:
            raise ApiError(429, f"A test alert was sent a moment ago: wait {ceil(left_s)} s.")
        self._last_test_s = self._clock()
        return json_response(AlertTestResponse(await send_test_alert(self._settings)))
