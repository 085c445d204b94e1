"""Records through a real broker and from files give the same verdicts, byte for byte."""

import io
import json
import random
import sys
import time
from typing import Any

import msgspec
import pytest

from agents.rules.state_limits import STATE_LIMITS
from app.cli.judge import FileJudge
from app.kafka.topic_reader import read_all
from app.security.agent_context import agent_context
from app.settings import Settings
from tests.support.make import NOON_MS, as_bytes, push
from tests.support.random_day import Event, arrivals, day
from tests.support.seeds import seed_of_test
from tests.support.service import producer, provision, running, until, verdicts_of, worker

DEVICES = ("phone-a", "phone-b", "phone-c")
HOURS = 4
SLICE_S = 900
"""Length of a slice. Its payments are sent first, so that no fix is more than an hour ahead of a payment."""


@pytest.mark.timeout(420)
async def test_live_verdicts_equal_those_of_the_judge(settings: Settings) -> None:
    seed = seed_of_test(20261201)
    chance = random.Random(seed)
    # old enough that eleven hours of silence are over, and recent enough that the topic still has the positions
    shift_ms = (
        (int(time.time() * 1000) - STATE_LIMITS.silent_phone_grace_ms - 2 * 3_600_000 - HOURS * 3_600_000 - NOON_MS)
        // 1000
        * 1000
    )
    days = {device: [_moved(one, device, shift_ms) for one in day(chance, HOURS)] for device in DEVICES}
    wanted = _judged(settings, [event for events in days.values() for event in events])
    arriving = sorted(
        ((at_s, device, event) for device in DEVICES for at_s, event in arrivals(days[device], chance)),
        key=lambda one: one[0],
    )
    await provision(settings)
    async with running(worker("detector", settings), folder=settings.state_dir), producer(settings) as sender:

        async def send(topic: str, device: str, value: bytes, at_s: float) -> None:
            at_ms = NOON_MS + shift_ms + round(1000 * at_s)
            await sender.send(topic, value, key=device.encode(), timestamp_ms=at_ms)

        paid: set[str] = set()
        for begin_s in range(0, int(arriving[-1][0]) + 1, SLICE_S):
            part = [one for one in arriving if begin_s <= one[0] < begin_s + SLICE_S]
            for at_s, device, event in part:
                if not event.is_fix:
                    paid.add(event.value["transaction_id"])
                    await send(settings.topics.transactions, device, as_bytes(event.value), at_s)
            await until(lambda: _all_answered(settings, paid), poll_s=0.1)
            for at_s, device, event in part:
                if event.is_fix:
                    await send(settings.topics.locations, device, as_bytes(push(event.value, device_id=device)), at_s)
        for partition in range(settings.partitions):
            await sender.send_and_wait(settings.topics.ticks, b"{}", partition=partition)
        await until(lambda: _all_closed(settings, wanted), within_s=60)


async def _all_answered(settings: Settings, paid: set[str]) -> bool:
    return {one["transaction_id"] for one in await verdicts_of(settings)} >= paid


async def _all_closed(settings: Settings, wanted: dict[str, bytes]) -> bool:
    newest: dict[str, tuple[int, bytes]] = {}
    for record in await read_all(settings, settings.topics.verdicts):
        verdict = json.loads(record.value)
        revision, name = verdict["revision"], verdict["transaction_id"]
        if revision > newest.get(name, (0, b""))[0]:
            newest[name] = (revision, _without_revision(record.value))
    return {name: value for name, (_, value) in newest.items()} == wanted


def _judged(settings: Settings, events: list[Event]) -> dict[str, bytes]:
    judge = FileJudge(agent_context(settings), sys.stderr)
    pushes = (push(event.value, device_id=event.device) for event in events if event.is_fix)
    judge.add_positions(io.BytesIO(b"\n".join(map(as_bytes, pushes))))
    payments = io.BytesIO(b"\n".join(as_bytes(event.value) for event in events if not event.is_fix))
    verdicts = list(judge.verdicts(payments))
    return {json.loads(line)["transaction_id"]: _without_revision(line) for line in verdicts}


def _without_revision(value: bytes) -> bytes:
    return msgspec.json.encode({**msgspec.json.decode(value, type=dict[str, Any]), "revision": None})


def _moved(event: Event, device: str, shift_ms: int) -> Event:
    if event.is_fix:
        return Event(event.at_s, event.value | {"at_ms": event.value["at_ms"] + shift_ms}, is_fix=True, device=device)
    name, at_s = event.value["transaction_id"], event.value["timestamp"]
    moved = {"transaction_id": f"{device}-{name}", "timestamp": at_s + shift_ms / 1000, "device_id": device}
    return Event(event.at_s, event.value | moved, is_fix=False, device=device)
