"""`geovelocity alert` as a process: what it is given, and what it says of how far it is."""

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from app.kafka.client import kafka_admin
from app.kafka.topic_reader import read_all
from app.local import runner
from app.settings import Settings
from app.topology import ALERTS
from deploy.local.process import LocalProcess
from schemas.verdict import Verdict, encode_verdict
from tests.support.make import NOON_MS
from tests.support.receivers import SECRET, Receiver
from tests.support.scrape import Series, ask, series
from tests.support.service import changed, producer, running, until
from tests.support.suspect import suspect


def told(settings: Settings, receiver: Receiver, **changes: Any) -> Settings:
    """The settings with a webhook."""
    return changed(settings, alert_webhook_url=receiver.url, alert_webhook_secret=SECRET, **changes)


def case(number: int, **changes: Any) -> Verdict:
    """A final suspect, each of a device of its own."""
    letters = f"{number:04}".translate(str.maketrans("0123456789", "ABCDEFGHIJ"))
    return suspect(number, **{"device_token": f"device_k1_{letters}{'A' * 48}"} | changes)


def ids(numbers: Iterable[int]) -> list[str]:
    return [case(number).id for number in numbers]


async def publish(settings: Settings, *records: bytes | Verdict, at_s: float = 0.0) -> None:
    """Onto one partition, as made by the detector `at_s` after noon. The key is a device id: it comes out nowhere."""
    async with producer(settings) as opened:
        for one in records:
            value = encode_verdict(one) if isinstance(one, Verdict) else one
            at_ms = NOON_MS + round(1000 * at_s)
            await opened.send_and_wait(
                settings.topics.suspects, value, key=b"phone-canary", partition=0, timestamp_ms=at_ms
            )


async def positions(settings: Settings, channel: str = "webhook") -> dict[int, int]:
    """How far a channel is, by partition."""
    async with kafka_admin(settings) as admin:
        found = await admin.list_consumer_group_offsets(f"{settings.namespace}-{ALERTS.groups[channel]}")
    return {place.partition: int(where.offset) for place, where in found.items()}


async def stands_at(settings: Settings, position: int, channel: str = "webhook") -> bool:
    return (await positions(settings, channel)).get(0) == position


async def letters(settings: Settings) -> list[dict[str, Any]]:
    return [json.loads(record.value) for record in await read_all(settings, settings.topics.dead_letters)]


async def metrics(settings: Settings) -> Series:
    status, text = await ask(settings.ports.alert_health, "/metrics")
    assert status == 200
    return series(text)


@asynccontextmanager
async def alerting(settings: Settings) -> AsyncIterator[LocalProcess]:
    """The process, from before the first suspect on: each partition has a position."""
    async with running(runner.alert(settings, restart=False), folder=settings.state_dir) as (process,):
        for channel in settings.alert_targets:
            await until(lambda channel=channel: is_begun(settings, channel), within_s=20)  # type: ignore[misc]  # bound at once
        yield process


async def is_begun(settings: Settings, channel: str) -> bool:
    return len(await positions(settings, channel)) == settings.partitions


async def taken(receiver: Receiver, count: int, within_s: float = 30.0) -> None:
    async def enough() -> bool:
        return len(receiver.taken) >= count

    await until(enough, within_s, poll_s=0.05)


def logged(settings: Settings) -> str:
    return (settings.state_dir / "alert.log").read_text()


async def says(settings: Settings, text: str) -> bool:
    return text in logged(settings)
