"""Service: all channels side by side, and how they are."""

import asyncio
import logging
from collections.abc import Sequence
from time import monotonic
from typing import Final

from app.alerts.channels.base import Channel
from app.alerts.dead_letters import DeadLetters
from app.alerts.dispatcher import ChannelDispatcher
from app.errors import UnavailableError
from app.observability.alert_metrics import ALERT_LAG, CHANNEL_AWAY_SECONDS, WAITING
from app.observability.catalogue import READY
from app.observability.metric import Exporter
from app.observability.registry import MetricsRegistry
from app.security.keyring import Keyring
from app.settings import Settings
from app.stream.lifecycle.preflight import check_topics
from app.topology import ALERTS

log = logging.getLogger(__name__)

AGAIN_S: Final = 2.0
LOOK_S: Final = 5.0
SILENT_S: Final = 15.0
"""Broker and lanes have not been heard of for three looks."""


class AlertService:
    """Runs until it is stopped, whatever is away."""

    def __init__(self, settings: Settings, channels: Sequence[Channel]) -> None:
        self.metrics = MetricsRegistry()
        self.metrics.bind(Exporter.ALERT, {})
        self.keyring = Keyring(settings, self.metrics)
        self._settings = settings
        self._channels = channels
        self._letters = DeadLetters(settings, self.keyring)
        self._lanes: dict[str, ChannelDispatcher] = {}
        self._heard_at_s: dict[str, float] = {}

    async def run(self, stopped: asyncio.Event) -> None:
        """Raises ConfigurationError: a broker answers, and does not let us, or topics are missing."""
        lanes = [asyncio.create_task(self._keep(channel, stopped)) for channel in self._channels]
        try:
            await asyncio.gather(*lanes)
        finally:
            for lane in lanes:
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)
            await self._letters.close()

    def waits_for(self) -> str | None:
        """Why it does not do its work, in a sentence; None: it does, as far as the channels let it."""
        for channel in self._channels:
            heard_at_s, lane = self._heard_at_s.get(channel.name), self._lanes.get(channel.name)
            if heard_at_s is None or lane is None:
                return f"{channel.name} waits for Kafka at {self._settings.kafka}"
            if (silent_s := monotonic() - heard_at_s) > SILENT_S:
                return f"Kafka at {self._settings.kafka} has not answered {channel.name} for {silent_s:.0f} s"
            if not lane.intake.is_assigned:
                return f"{channel.name} waits for its partitions"
        return None

    def measured(self) -> MetricsRegistry:
        """The metrics, with what is only worth measuring when somebody asks. Asks nobody."""
        self.keyring.current()
        self.metrics.set(READY, self.waits_for() is None)
        for name, lane in self._lanes.items():
            self.metrics.set(WAITING, lane.waiting, channel=name)
            self.metrics.set(CHANNEL_AWAY_SECONDS, lane.away.duration_s(monotonic()), channel=name)
        return self.metrics

    async def _keep(self, channel: Channel, stopped: asyncio.Event) -> None:
        """Runs the channel's lane; a new one when the broker went away at a moment at which a lane cannot wait."""
        waited = False
        while not stopped.is_set():
            try:
                await self._check_topics()
                lane = self._lanes[channel.name] = ChannelDispatcher(
                    channel, self._settings, self._letters, self.metrics
                )
                watch = asyncio.create_task(self._watch(lane))
                try:
                    await lane.run(stopped)
                finally:
                    watch.cancel()
            except UnavailableError as error:
                if not waited:
                    log.warning("%s waits: %s", channel.name, error)
                waited = True
                await _sleep(stopped, AGAIN_S)

    async def _check_topics(self) -> None:
        topics = self._settings.topics
        await check_topics(self._settings, [getattr(topics, name) for name in (*ALERTS.reads, *ALERTS.writes)], [], 0)

    async def _watch(self, lane: ChannelDispatcher) -> None:
        """Asks the broker now and then how much there is to do, and so learns whether it answers."""
        while True:
            try:
                self.metrics.set(ALERT_LAG, await lane.intake.lag(), channel=lane.name)
                self._heard_at_s[lane.name] = monotonic()
            except UnavailableError:
                pass  # that it has not been heard of says it
            await asyncio.sleep(LOOK_S if lane.intake.is_assigned else LOOK_S / 10)


async def _sleep(stopped: asyncio.Event, seconds: float) -> None:
    """Until then, or until it is stopped."""
    try:
        async with asyncio.timeout(seconds):
            await stopped.wait()
    except TimeoutError:
        pass
