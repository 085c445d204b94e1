"""Live: what the console reads and tells while it runs, and how it is."""

import asyncio
import time

from aiohttp import web

from app.api.access import Access
from app.api.feed import Feed
from app.api.knowledge import Knowledge
from app.api.metrics import CONSOLE_READY, CUT_OFF, EVENTS, LEFT_OUT, PAGES, SKIPPED, Told
from app.api.pulse import HighValue, Pulse
from app.api.recent import Recent
from app.api.stream import Stream
from app.api.watch import Watch
from app.exposition import Exposition
from app.health_port import live_and_ready
from app.settings import Settings


class Live:
    """The room of what goes on now."""

    def __init__(self, settings: Settings, access: Access) -> None:
        high_value = HighValue(settings.api_high_value, settings.api_high_value_window_s)
        self._settings = settings
        self._knowledge = Knowledge(Recent(settings.partitions), Pulse(high_value))
        self._feed = Feed(settings, self._knowledge)
        self._watch = Watch(settings, self._knowledge.backlog)
        self._stream = Stream(self._knowledge, access)

    def mount(self, application: web.Application) -> None:
        self._stream.mount(application)
        application.router.add_get("/readyz", live_and_ready(self.waits_for)["/readyz"])

    async def run(self) -> None:
        """Until it is cancelled, whatever is away. A fault of ours ends it: a console that stands still looks calm."""
        async with asyncio.TaskGroup() as tasks:
            for part in (self._feed, self._watch, self._stream):
                tasks.create_task(part.run())

    def waits_for(self) -> str | None:
        """Why it does not do its work, in a sentence; None: it does."""
        if not self._watch.answers(time.time()):
            return f"Kafka at {self._settings.kafka} does not answer the console"
        return None if self._knowledge.is_current.is_set() else "the console still reads what there was"

    def measured(self) -> Exposition:
        """What it has sent since it began."""
        metrics, broadcast = Exposition(), self._stream.broadcast
        for event in Told:
            metrics.add(EVENTS, broadcast.sent[event], event=event)
        metrics.add(SKIPPED, broadcast.skipped)
        metrics.add(LEFT_OUT, broadcast.left_out)
        metrics.add(CUT_OFF, self._stream.cut_off)
        metrics.set(PAGES, self._stream.pages)
        metrics.set(CONSOLE_READY, self.waits_for() is None)
        return metrics
