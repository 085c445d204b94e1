"""Latency: from sending a payment to reading its verdict, at a steady rate of events."""

import asyncio
import gc
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from aiokafka import AIOKafkaProducer

from app.kafka.client import client_options
from app.kafka.topic_reader import reader, tail
from app.local import runner
from app.provisioning.topics import create_topics
from app.settings import Settings
from deploy.local.process import LocalProcess
from tests.nightly.bench.input import PAYMENT_EVERY, EncodedRecord, Sender, encoded
from tests.nightly.bench.usage import cpu_s
from tests.support.service import changed

TICK_S: Final = 0.01
"""Interval between two sends, because cards and phones do not all send at one moment."""

OPENING_S: Final = 5.0
"""Time at the start that is not measured: groups form and caches fill."""

SETTLE_S: Final = 3.0


class Latency(NamedTuple):
    """Latency at one load. The percentiles are of the answered payments.

    `kept`: share of the sent payments that were answered before the end. `busy`: share of one processor that the
    detector used.
    """

    events_per_s: float
    payments: int
    kept: float
    busy: float
    p50_ms: float
    p99_ms: float
    p999_ms: float

    def __str__(self) -> str:
        return (
            f"p50 {self.p50_ms:.1f} ms, p99 {self.p99_ms:.1f} ms of {self.payments} payments, "
            f"{self.busy:.0%} of a processor"
        )


async def latency(
    base: Settings, folder: Path, name: str, events_per_s: float, seconds: float, devices: int
) -> Latency:
    """Measure a detector on topics of its own. Load, consumer and broker share the machine."""
    settings = changed(base, namespace=name, topic_prefix=f"{name}-")
    await create_topics(settings)
    command = runner.worker("detector", settings, settings.ports.detector_health, name=name, restart=False)
    process = LocalProcess(command, folder)
    process.start()
    sent_s: dict[str, float] = {}
    waited_ms: dict[str, float] = {}

    async def watch() -> None:
        async with reader(settings, settings.topics.verdicts) as consumer:
            async for now_s, record in tail(consumer):
                transaction = json.loads(record.value)["transaction_id"]
                waited_ms.setdefault(transaction, 1000 * (now_s - sent_s[transaction]))

    fixes = int(events_per_s * (OPENING_S + seconds)) * PAYMENT_EVERY // (PAYMENT_EVERY + 1)
    made = list(encoded(settings, fixes, devices))  # in advance: encoding a record takes longer than sending it
    gc.freeze()  # or the garbage collector would scan these objects repeatedly
    opening = int(events_per_s * OPENING_S)
    await process.wait_ready()
    watching = asyncio.create_task(watch())
    producer = AIOKafkaProducer(**client_options(settings), acks="all")
    await producer.start()
    try:
        await _send(Sender(producer), made[:opening], events_per_s, sent_s)
        began_s, used_s, counted_from = time.monotonic(), cpu_s(process.pid), len(sent_s)
        await _send(Sender(producer), made[opening:], events_per_s, sent_s)
        busy = (cpu_s(process.pid) - used_s) / (time.monotonic() - began_s)
        await asyncio.sleep(SETTLE_S)
    finally:
        await producer.stop()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await process.stop()
        gc.unfreeze()
    counted = list(sent_s)[counted_from:]
    answered = sorted(waited_ms[transaction] for transaction in counted if transaction in waited_ms)
    quantiles = (answered[int(share * (len(answered) - 1))] for share in (0.5, 0.99, 0.999))
    return Latency(events_per_s, len(counted), len(answered) / len(counted), busy, *quantiles)


async def _send(sender: Sender, made: Sequence[EncodedRecord], events_per_s: float, sent_s: dict[str, float]) -> None:
    """Send the records at this rate and record when each payment was sent."""
    began_s, done = time.monotonic(), 0
    while done < len(made):
        due, now_s = int((time.monotonic() - began_s) * events_per_s), time.time()
        for record in made[done:due]:
            if record.transaction:
                sent_s[record.transaction] = now_s
            await sender.add(record)
        await sender.flush()
        done = max(done, due)
        await asyncio.sleep(TICK_S)
