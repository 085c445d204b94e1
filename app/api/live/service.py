"""The live service: it runs the consumer, the lag poller and the event stream, and reports their health."""

import asyncio
import time

from aiohttp import web

from app.api.auth.middleware import AuthMiddleware
from app.api.endpoint import Endpoint, mount_endpoints, serves
from app.api.live.case_cache import CaseCache
from app.api.live.lag_poller import LagPoller
from app.api.live.sse_endpoint import EventStream
from app.api.live.state import LiveState
from app.api.live.statistics import HighValue, LiveStatistics
from app.api.live.verdict_consumer import VerdictConsumer
from app.observability.console_metrics import CONSOLE_READY, DROPPED, EVENTS, PAGES, SKIPPED, SLOW_CLIENTS, EventType
from app.observability.health import health_handlers
from app.observability.registry import MetricsRegistry
from app.settings import Settings


class LiveService:
    """Routes and tasks of the live view."""

    def __init__(self, settings: Settings, access: AuthMiddleware) -> None:
        high_value = HighValue(settings.api_high_value, settings.api_high_value_window_s)
        self._settings = settings
        self._state = LiveState(CaseCache(settings.partitions), LiveStatistics(high_value))
        self._consumer = VerdictConsumer(settings, self._state)
        self._poller = LagPoller(settings, self._state.lag)
        self._stream = EventStream(self._state, access)
        self._ready = health_handlers(self.not_ready_reason)["/readyz"]

    def mount(self, application: web.Application) -> None:
        self._stream.mount(application)
        mount_endpoints(application, self)

    async def run(self) -> None:
        """Run until cancelled and survive broker outages.

        A programming error stops the process, because a frozen console looks like a quiet one.
        """
        async with asyncio.TaskGroup() as tasks:
            for part in (self._consumer, self._poller, self._stream):
                tasks.create_task(part.run())

    def not_ready_reason(self) -> str | None:
        """Return why the console is not ready, as a sentence; None when it is ready."""
        if not self._poller.broker_responds(time.time()):
            return f"Kafka at {self._settings.kafka} does not answer the console"
        return None if self._state.caught_up.is_set() else "the console still reads the records from before its start"

    def collect_metrics(self) -> MetricsRegistry:
        """Return the metrics since the start of the process."""
        metrics, hub = MetricsRegistry(), self._stream.hub
        for event in EventType:
            metrics.add(EVENTS, hub.sent[event], event=event)
        metrics.add(SKIPPED, hub.skipped)
        metrics.add(DROPPED, hub.dropped)
        metrics.add(SLOW_CLIENTS, self._stream.slow_clients)
        metrics.set(PAGES, self._stream.pages)
        metrics.set(CONSOLE_READY, self.not_ready_reason() is None)
        return metrics

    @serves(Endpoint(method="GET", path="/readyz", media_type="text/plain", errors=(503,)))
    async def _readyz(self, request: web.Request) -> web.StreamResponse:
        """Return whether the console is ready: it has caught up, and a broker answers."""
        return await self._ready(request)
