"""Live: what the console reads and tells while it runs, and how it is."""

import asyncio
import time

from aiohttp import web

from app.api.auth.middleware import AuthMiddleware
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
    """The room of what goes on now."""

    def __init__(self, settings: Settings, access: AuthMiddleware) -> None:
        high_value = HighValue(settings.api_high_value, settings.api_high_value_window_s)
        self._settings = settings
        self._state = LiveState(CaseCache(settings.partitions), LiveStatistics(high_value))
        self._consumer = VerdictConsumer(settings, self._state)
        self._poller = LagPoller(settings, self._state.lag)
        self._stream = EventStream(self._state, access)

    def mount(self, application: web.Application) -> None:
        self._stream.mount(application)
        application.router.add_get("/readyz", health_handlers(self.not_ready_reason)["/readyz"])

    async def run(self) -> None:
        """Until it is cancelled, whatever is away. A fault of ours ends it: a console that stands still looks calm."""
        async with asyncio.TaskGroup() as tasks:
            for part in (self._consumer, self._poller, self._stream):
                tasks.create_task(part.run())

    def not_ready_reason(self) -> str | None:
        """Why it does not do its work, in a sentence; None: it does."""
        if not self._poller.broker_responds(time.time()):
            return f"Kafka at {self._settings.kafka} does not answer the console"
        return None if self._state.caught_up.is_set() else "the console still reads what there was"

    def collect_metrics(self) -> MetricsRegistry:
        """What it has sent since it began."""
        metrics, broadcast = MetricsRegistry(), self._stream.hub
        for event in EventType:
            metrics.add(EVENTS, broadcast.sent[event], event=event)
        metrics.add(SKIPPED, broadcast.skipped)
        metrics.add(DROPPED, broadcast.dropped)
        metrics.add(SLOW_CLIENTS, self._stream.slow_clients)
        metrics.set(PAGES, self._stream.pages)
        metrics.set(CONSOLE_READY, self.not_ready_reason() is None)
        return metrics
