"""The alert service: one dispatcher per channel, supervised, and their health."""

import asyncio
import logging
from collections.abc import Sequence
from time import monotonic
from typing import Final

from app.alerts.channels.base import Channel
from app.alerts.dead_letters import DeadLetters
from app.alerts.dispatcher import ChannelDispatcher
from app.errors import UnavailableError
from app.kafka.topics import check_topics
from app.observability.alert_metrics import ALERT_LAG, ALERTS_PENDING, CHANNEL_OUTAGE_SECONDS
from app.observability.catalogue import READY
from app.observability.metric import Exporter
from app.observability.registry import MetricsRegistry
from app.security.keyring import Keyring
from app.settings import Settings
from app.topology import ALERTS

log = logging.getLogger(__name__)

RETRY_DELAY_S: Final = 2.0
CHECK_EVERY_S: Final = 5.0
UNRESPONSIVE_AFTER_S: Final = 15.0
"""Time without an answer from the broker after which the service is not ready: three checks."""


class AlertService:
    """The dispatchers of all configured channels. It survives outages of Kafka and of channels."""

    def __init__(self, settings: Settings, channels: Sequence[Channel]) -> None:
        self.metrics = MetricsRegistry()
        self.metrics.bind(Exporter.ALERT, {})
        self.keyring = Keyring(settings, self.metrics)
        self._settings = settings
        self._channels = channels
        self._dead_letters = DeadLetters(settings, self.keyring)
        self._dispatchers: dict[str, ChannelDispatcher] = {}
        self._answered_at_s: dict[str, float] = {}

    async def run(self, stopped: asyncio.Event) -> None:
        """Run all dispatchers until `stopped` is set.

        Raises:
            ConfigurationError: a broker rejects the credentials, or topics are missing.
        """
        tasks = [asyncio.create_task(self._supervise(channel, stopped)) for channel in self._channels]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._dead_letters.close()

    def not_ready_reason(self) -> str | None:
        """Return why no alerts are read, in a sentence. None: they are. An outage of a channel is no such reason."""
        for channel in self._channels:
            answered_at_s, dispatcher = self._answered_at_s.get(channel.name), self._dispatchers.get(channel.name)
            if answered_at_s is None or dispatcher is None:
                return f"Kafka at {self._settings.kafka} has not answered {channel.name} yet"
            if (silent_s := monotonic() - answered_at_s) > UNRESPONSIVE_AFTER_S:
                return f"Kafka at {self._settings.kafka} has not answered {channel.name} for {silent_s:.0f} s"
            if not dispatcher.consumer.is_assigned:
                return f"{channel.name} has no partitions yet"
        return None

    def collect_metrics(self) -> MetricsRegistry:
        """Return the metrics with current gauges. Sends no request."""
        self.keyring.current()
        self.metrics.set(READY, self.not_ready_reason() is None)
        for name, dispatcher in self._dispatchers.items():
            self.metrics.set(ALERTS_PENDING, dispatcher.pending, channel=name)
            self.metrics.set(CHANNEL_OUTAGE_SECONDS, dispatcher.outage.duration_s(monotonic()), channel=name)
        return self.metrics

    async def _supervise(self, channel: Channel, stopped: asyncio.Event) -> None:
        """Run the channel's dispatcher. Replace it when a broker outage ends it."""
        is_reported = False
        while not stopped.is_set():
            try:
                await self._check_topics()
                dispatcher = ChannelDispatcher(channel, self._settings, self._dead_letters, self.metrics)
                self._dispatchers[channel.name] = dispatcher
                lag_task = asyncio.create_task(self._poll_lag(dispatcher))
                try:
                    await dispatcher.run(stopped)
                finally:
                    lag_task.cancel()
            except UnavailableError as error:
                if not is_reported:
                    log.warning("%s sends no alerts: %s", channel.name, error)
                is_reported = True
                await _sleep(stopped, RETRY_DELAY_S)

    async def _check_topics(self) -> None:
        topics = self._settings.topics
        await check_topics(self._settings, [getattr(topics, name) for name in (*ALERTS.reads, *ALERTS.writes)])

    async def _poll_lag(self, dispatcher: ChannelDispatcher) -> None:
        """Measure the lag periodically. Each answer also proves that the broker is available."""
        while True:
            try:
                self.metrics.set(ALERT_LAG, await dispatcher.consumer.lag(), channel=dispatcher.name)
                self._answered_at_s[dispatcher.name] = monotonic()
            except UnavailableError:
                pass  # the missing answer shows in `not_ready_reason`
            await asyncio.sleep(CHECK_EVERY_S if dispatcher.consumer.is_assigned else CHECK_EVERY_S / 10)


async def _sleep(stopped: asyncio.Event, seconds: float) -> None:
    """Sleep for this time, or until `stopped` is set."""
    try:
        async with asyncio.timeout(seconds):
            await stopped.wait()
    except TimeoutError:
        pass
