"""The delivery of one alert by one channel: attempts until it is delivered, rejected, or out of retries."""

import asyncio
from collections.abc import Callable
from random import random
from time import monotonic

from app.alerts.alert import Alert
from app.alerts.channels.base import Channel
from app.alerts.delivery_result import DeliveryResult, Retryable
from app.alerts.retry_policy import RetryPolicy


class Delivery:
    """The attempt loop of one alert.

    `is_sending` is false before the first attempt and during a backoff. Then a cancellation loses nothing.
    """

    def __init__(self, channel: Channel, alert: Alert, retry_policy: RetryPolicy) -> None:
        self.alert = alert
        self.is_sending = False
        self._channel = channel
        self._retry_policy = retry_policy
        self._may_retry = True

    def stop_retrying(self) -> None:
        """Let the attempt in progress be the last one."""
        self._may_retry = False

    async def run(self, on_failure: Callable[[str], None]) -> DeliveryResult | None:
        """Return the final result: `Retryable` when the retries are used up, None when `stop_retrying` ended them.

        Calls `on_failure` with the detail of each failed attempt.
        """
        started_s, attempts = monotonic(), 0
        while True:
            self.is_sending = True
            result = await self._channel.send(self.alert)
            if not isinstance(result, Retryable):
                return result
            on_failure(result.detail)
            attempts += 1
            jitter = random()  # noqa: S311 - spreads load
            delay_s = self._retry_policy.delay_s(attempts, monotonic() - started_s, result.retry_after_s, jitter)
            if delay_s is None:
                return Retryable(f"{result.detail}, no retry left after attempt {attempts}")
            if not self._may_retry:
                return None
            self.is_sending = False
            await asyncio.sleep(delay_s)
