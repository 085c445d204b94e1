"""Throughput of a contestant on filled topics, in events per second and CPU time per event."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

from aiokafka.errors import KafkaError

from app.kafka.client import kafka_admin
from app.settings import Settings
from deploy.local.process import LocalProcess
from tests.nightly.bench.contestant import Entry
from tests.nightly.bench.usage import cpu_s, memory_mb

POLL_S: Final = 0.05
BEGIN_WITHIN_S: Final = 90.0


class Rate(NamedTuple):
    """Throughput. `cpu_us`: CPU microseconds per event, of all threads and processes. `memory_mb`: at the end."""

    events_per_s: float
    cpu_us: float
    memory_mb: float

    def __str__(self) -> str:
        return (
            f"{self.events_per_s:,.0f} events/s, {self.cpu_us:.1f} µs of processor an event, {self.memory_mb:,.0f} MB"
        )


Progress = Callable[[], Awaitable[int]]


async def rate(entry: Entry, settings: Settings, folder: Path, count: int, window_s: float) -> Rate:
    """Measure from the first commit until everything is consumed or the window has passed.

    Raises:
        RuntimeError: the contestant ended, or committed nothing in time.
    """
    process = LocalProcess(entry.command, folder)
    process.start()
    try:
        async with committed(settings, entry.group) as commits:
            progress = entry.progress or commits
            deadline_s = time.monotonic() + BEGIN_WITHIN_S
            while not await progress():
                if not process.running or time.monotonic() > deadline_s:
                    raise RuntimeError(f"{entry.command.name} has committed nothing: see {process.log}")
                await asyncio.sleep(POLL_S)
            return await rate_from_now([process], progress, count, window_s)
    finally:
        await process.stop()


async def rate_from_now(processes: Sequence[LocalProcess], progress: Progress, count: int, window_s: float) -> Rate:
    """Measure processes that share the work.

    Raises:
        RuntimeError: one of them ended.
    """
    pids = [process.pid for process in processes]
    began, began_s, used_s = await progress(), time.monotonic(), sum(map(cpu_s, pids))
    while True:
        await asyncio.sleep(POLL_S)
        done, now_s = await progress(), time.monotonic()
        if done >= count or now_s - began_s > window_s:
            events, used_s = done - began, sum(map(cpu_s, pids)) - used_s
            return Rate(events / (now_s - began_s), 1e6 * used_s / events, sum(map(memory_mb, pids)))
        for process in processes:
            if not process.running:
                raise RuntimeError(f"{process.command.name} has ended: see {process.log}")


@asynccontextmanager
async def committed(settings: Settings, group: str) -> AsyncIterator[Progress]:
    """Yield a function that returns the number of records that a group has committed on the two topics."""
    sources = {settings.topics.locations, settings.topics.transactions}
    async with kafka_admin(settings) as admin:

        async def progress() -> int:
            try:
                offsets = await admin.list_consumer_group_offsets(group)
            except KafkaError:  # the first group of a new broker has no coordinator yet
                return 0
            return sum(max(0, meta.offset) for tp, meta in offsets.items() if tp.topic in sources)

        yield progress
