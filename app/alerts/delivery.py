"""Errand: one alert on its way by one channel, until it is taken, refused, or patience ends."""

import asyncio
from collections.abc import Callable
from random import random
from time import monotonic

from app.alerts.alert import Alert
from app.alerts.channels.base import Channel
from app.alerts.delivery_result import DeliveryResult, Retryable
from app.alerts.retry_policy import RetryPolicy


class Delivery:
    """`is_busy`: an attempt is under way, or has been the last one; else it waits, and nothing is lost by ending it."""

    def __init__(self, channel: Channel, alert: Alert, patience: RetryPolicy) -> None:
        self.alert = alert
        self.is_busy = False
        self._channel = channel
        self._patience = patience
        self._may_go_on = True

    def end_soon(self) -> None:
        """No further attempt after this one."""
        self._may_go_on = False

    async def run(self, failed: Callable[[str], None]) -> DeliveryResult | None:
        """What came of it, `Failed` when patience ended; None: it was ended before. `failed`: told of every attempt."""
        began_s, attempts = monotonic(), 0
        while True:
            self.is_busy = True
            answer = await self._channel.send(self.alert)
            if not isinstance(answer, Retryable):
                return answer
            failed(answer.detail)
            attempts += 1
            pause_s = self._patience.pause_s(attempts, monotonic() - began_s, answer.retry_after_s, random())  # noqa: S311 - spreads load
            if pause_s is None:
                return Retryable(f"{answer.detail}, given up after attempt {attempts}")
            if not self._may_go_on:
                return None
            self.is_busy = False
            await asyncio.sleep(pause_s)
