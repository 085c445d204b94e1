"""Latency from a payment to its first verdict, measured outside the detector."""

import asyncio
import statistics
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from app.kafka.topic_reader import reader, tail
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Seen:
    """Latency of an interval in milliseconds: number of payments, median, 99th percentile."""

    payments: int
    median_ms: float
    p99_ms: float

    def __str__(self) -> str:
        return f"median {self.median_ms:.0f} ms, p99 {self.p99_ms:.0f} ms of {self.payments} payments"


class Latency:
    """Consumer of verdicts. `paid_at_s`: send time by transaction id."""

    def __init__(self, settings: Settings, paid_at_s: Mapping[str, float]) -> None:
        self._settings = settings
        self._paid_at_s = paid_at_s
        self._waited: list[tuple[float, float]] = []

    async def watch(self) -> None:
        """Record the first verdict of every payment until cancelled."""
        async with reader(self._settings, self._settings.topics.verdicts) as consumer:
            async for now_s, record in tail(consumer):
                verdict = msgspec.json.decode(record.value)
                sent_at_s = self._paid_at_s.get(verdict["transaction_id"])
                if verdict["revision"] == 1 and sent_at_s is not None:
                    self._waited.append((sent_at_s, now_s - sent_at_s))

    def between(self, first_s: float, last_s: float) -> Seen:
        """Return the latency of the payments sent in an interval."""
        waited = [waited_s for sent_at_s, waited_s in self._waited if first_s <= sent_at_s < last_s]
        if len(waited) < 2:
            return Seen(len(waited), float("nan"), float("nan"))
        p99_s = statistics.quantiles(waited, n=100, method="inclusive")[98]
        return Seen(len(waited), 1000 * statistics.median(waited), 1000 * p99_s)


async def over(latency: Latency, now_s: float, seconds: float) -> Seen:
    """Return the latency of the next seconds."""
    await asyncio.sleep(seconds)
    until_s = now_s + seconds
    await asyncio.sleep(2.0)  # the last payment is answered by then; a later answer counts when it arrives
    return latency.between(now_s, until_s)
