"""`geovelocity alert` as a process: its settings, its input, and what it commits, writes and logs."""

import json
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final

from app.kafka.client import kafka_admin
from app.kafka.topic_reader import read_all
from app.local import runner
from app.settings import Settings
from app.topology import ALERTS
from deploy.local.process import LocalProcess
from schemas.verdict import Verdict, encode_verdict
from tests.support.receivers import SECRET, Receiver
from tests.support.scrape import Series, ask, series
from tests.support.service import changed, producer, running, until
from tests.support.suspect import suspect

START_MS: Final = round(1000 * time.time()) - 3_600_000
"""Timestamp of the first record. It is recent, because Kafka deletes records by timestamp after a week."""


def with_webhook(settings: Settings, receiver: Receiver, **changes: Any) -> Settings:
    """Return the settings with a webhook to this receiver."""
    return changed(settings, alert_webhook_url=receiver.url, alert_webhook_secret=SECRET, **changes)


def case(number: int, **changes: Any) -> Verdict:
    """Return a final suspect of a device of its own."""
    letters = f"{number:04}".translate(str.maketrans("0123456789", "ABCDEFGHIJ"))
    return suspect(number, **{"device_token": f"device_k1_{letters}{'A' * 48}"} | changes)


def ids(numbers: Iterable[int]) -> list[str]:
    return [case(number).id for number in numbers]


async def publish(settings: Settings, *records: bytes | Verdict, at_s: float = 0.0) -> None:
    """Write records to one partition of the suspects, with a timestamp `at_s` after the first one.

    Their key is a device id that must not appear in any output.
    """
    async with producer(settings) as opened:
        for one in records:
            value = encode_verdict(one) if isinstance(one, Verdict) else one
            at_ms = START_MS + round(1000 * at_s)
            await opened.send_and_wait(
                settings.topics.suspects, value, key=b"phone-canary", partition=0, timestamp_ms=at_ms
            )


async def committed_offsets(settings: Settings, channel: str = "webhook") -> dict[int, int]:
    """Return the channel's committed offset by partition."""
    async with kafka_admin(settings) as admin:
        found = await admin.list_consumer_group_offsets(f"{settings.namespace}-{ALERTS.groups[channel]}")
    return {one.partition: int(state.offset) for one, state in found.items()}


async def has_committed(settings: Settings, offset: int, channel: str = "webhook") -> bool:
    """Return whether the channel has committed exactly this offset of partition 0."""
    return (await committed_offsets(settings, channel)).get(0) == offset


async def dead_letters(settings: Settings) -> list[dict[str, Any]]:
    return [json.loads(record.value) for record in await read_all(settings, settings.topics.dead_letters)]


async def metrics(settings: Settings) -> Series:
    status, text = await ask(settings.ports.alert_health, "/metrics")
    assert status == 200
    return series(text)


@asynccontextmanager
async def alerting(settings: Settings) -> AsyncIterator[LocalProcess]:
    """Run the process. Enter when every channel has committed an offset of each partition."""
    async with running(runner.alert(settings, restart=False), folder=settings.state_dir) as (process,):
        for channel in settings.alert_targets:
            await until(lambda channel=channel: has_started(settings, channel), within_s=20)  # type: ignore[misc]  # bound at once
        yield process


async def has_started(settings: Settings, channel: str) -> bool:
    """Return whether the channel has committed an offset of each partition."""
    return len(await committed_offsets(settings, channel)) == settings.partitions


async def accepted(receiver: Receiver, count: int, within_s: float = 30.0) -> None:
    """Wait until the receiver has accepted this many alerts."""

    async def enough() -> bool:
        return len(receiver.accepted) >= count

    await until(enough, within_s, poll_s=0.05)


def log_text(settings: Settings) -> str:
    return (settings.state_dir / "alert.log").read_text()


async def logs(settings: Settings, text: str) -> bool:
    """Return whether the log contains the text."""
    return text in log_text(settings)
