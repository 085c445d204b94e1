"""Replay of a simulation onto the topics in real time, starting now."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Final

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from app.errors import UnavailableError
from app.kafka.client import client_options
from app.settings import Settings
from app.simulate.files import Say
from app.simulate.label import Labels
from app.simulate.payments import GeneratedPayment
from app.simulate.publisher import Publish, direct, via_bridge
from app.simulate.session import SimulatedPush
from app.simulate.simulation import Arrival, Plan, arrivals, sessions
from schemas.json.timestamps import format_us
from schemas.push import Push

REPORT_EVERY_S: Final = 5.0


@dataclass(slots=True)
class ReplayCounts:
    """Counts of a replay. `rejected`: pushes that the bridge rejected; `behind_s`: maximum delay."""

    labels: Labels = field(default_factory=dict)
    sent_at_s: dict[str, float] = field(default_factory=dict)
    fixes: int = 0
    rejected: int = 0
    behind_s: float = 0.0


class Replay:
    """One replay of a plan. Everything is generated before the start, so that nothing has to wait for it."""

    def __init__(self, settings: Settings, plan: Plan, *, by_bridge: bool = True) -> None:
        self._settings = settings
        self._by_bridge = by_bridge
        self._arrivals: Sequence[Arrival] = list(arrivals(sessions(plan)))
        self._start_ms = plan.start_ms
        self.counts = ReplayCounts()

    async def run(self, report: Say) -> ReplayCounts:
        """Replay to the end.

        Raises:
            UnavailableError: the broker or the bridge rejected a record.
        """
        producer = AIOKafkaProducer(**client_options(self._settings), acks="all", linger_ms=0)
        telling = asyncio.create_task(self._report(report))
        try:
            await producer.start()
            async with self._publisher(producer) as mouth:
                await self._publish_all(mouth, producer)
        except* UnavailableError as failures:
            raise failures.exceptions[0] from None
        except* KafkaError as failures:
            raise UnavailableError(
                f"Kafka at {self._settings.kafka} does not accept payments "
                f"({type(failures.exceptions[0]).__name__}): start it (`make up`)"
            ) from None
        finally:
            telling.cancel()
            await producer.stop()
        return self.counts

    def _publisher(self, producer: AIOKafkaProducer) -> AbstractAsyncContextManager[Publish]:
        if not self._by_bridge:
            return direct(self._settings, producer)
        device_ids = {arrival.push.device_id for arrival in self._arrivals if isinstance(arrival, SimulatedPush)}
        return via_bridge(self._settings, sorted(device_ids))

    async def _publish_all(self, mouth: Publish, producer: AIOKafkaProducer) -> None:
        """Publish every record at its time and return when all are confirmed."""
        shift_ms = time.time_ns() // 1_000_000 - self._start_ms
        async with asyncio.TaskGroup() as tasks:
            for arrival in self._arrivals:
                wait_s = (arrival.arrives_ms + shift_ms) / 1000 - time.time()
                self.counts.behind_s = max(self.counts.behind_s, -wait_s)
                await asyncio.sleep(max(0.0, wait_s))
                if isinstance(arrival, SimulatedPush):
                    tasks.create_task(self._push(mouth, _shifted(arrival.push, shift_ms)))
                else:
                    tasks.create_task(self._pay(producer, arrival, shift_ms))

    async def _push(self, mouth: Publish, push: Push) -> None:
        if await mouth(push):
            self.counts.fixes += len(push.fixes)
        else:
            self.counts.rejected += 1

    async def _pay(self, producer: AIOKafkaProducer, paid: GeneratedPayment, shift_ms: int) -> None:
        record = {**paid.record, "timestamp": format_us(1000 * (paid.stated_ms + shift_ms))}
        transaction_id = record["transaction_id"]
        self.counts.labels[transaction_id] = paid.label
        self.counts.sent_at_s[transaction_id] = time.time()
        await producer.send_and_wait(
            self._settings.topics.transactions, msgspec.json.encode(record), key=record["device_id"].encode()
        )

    async def _report(self, report: Say) -> None:
        while True:
            before = len(self.counts.labels)
            await asyncio.sleep(REPORT_EVERY_S)
            payments = len(self.counts.labels)
            rate = (payments - before) / REPORT_EVERY_S
            report(f"playing: {self.counts.fixes} positions, {payments} payments, {rate:.0f} payments/s")


def _shifted(push: Push, shift_ms: int) -> Push:
    fixes = tuple([msgspec.structs.replace(fix, at_ms=fix.at_ms + shift_ms) for fix in push.fixes])
    received_at_ms = None if push.received_at_ms is None else push.received_at_ms + shift_ms
    return msgspec.structs.replace(push, fixes=fixes, received_at_ms=received_at_ms)
