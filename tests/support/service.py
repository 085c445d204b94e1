"""Workers as processes, load with known ground truth, and checks of topics, table and stores after it."""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from aiokafka import AIOKafkaProducer, ConsumerRecord

from agents.rules.publish.mask import Masker
from app.kafka.client import client_options
from app.kafka.topic_reader import read_all
from app.local import runner
from app.provisioning.stores import prepare_stores
from app.provisioning.topics import changelog_of, create_topics
from app.security.masking_keys import masking_keys
from app.settings import Settings
from app.simulate.reconciliation import reconcile_when_idle
from app.sinks.base import Dataset
from deploy.local.process import Command, LocalProcess
from schemas.erasure import parse_erasure
from tests.support.make import NOON_MS, as_bytes, fix, payment, push
from tests.support.phone import east_of_home
from tests.support.state_fold import fold_topics, is_independent_of_order

FREE_PORTS = 13
"""Index in a stack's block of ports at which the health ports of a test's workers begin."""


@asynccontextmanager
async def running(*commands: Command, folder: Path) -> AsyncIterator[list[LocalProcess]]:
    """Yield the commands as processes that are ready. Stop them at the end, even after an error."""
    processes = [LocalProcess(command, folder) for command in commands]
    try:
        for process in processes:
            process.start()
        await asyncio.gather(*[process.wait_ready() for process in processes])
        yield processes
    finally:
        await asyncio.gather(*[process.stop() for process in processes])


def worker(
    app: str,
    settings: Settings,
    number: int = 0,
    *,
    restart: bool = False,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Command:
    """Return the command of a worker. `number`: tells workers that run at the same time apart."""
    port = (settings.port_base or 0) + FREE_PORTS + number
    command = runner.worker(app, settings, port, name=f"{app}-{number}", restart=restart)
    return replace(command, env={**command.env, **environment})


def changed(settings: Settings, **changes: Any) -> Settings:
    """Return a copy of the settings with these changes."""
    return Settings(**{name: getattr(settings, name) for name in settings.model_fields_set} | changes)


async def provision(settings: Settings) -> None:
    await asyncio.gather(create_topics(settings), prepare_stores(settings))


@asynccontextmanager
async def producer(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    opened = AIOKafkaProducer(**client_options(settings), acks="all", linger_ms=2)
    await opened.start()
    try:
        yield opened
    finally:
        await opened.stop()


async def send(settings: Settings, topic: str, *records: tuple[str | None, bytes | None]) -> None:
    """Send records with their keys, in order. Returns when the broker has confirmed all of them."""
    async with producer(settings) as opened:
        for key, value in records:
            await opened.send_and_wait(topic, value, key=None if key is None else key.encode())


async def until(condition: Callable[[], Awaitable[bool]], within_s: float = 60.0, poll_s: float = 0.25) -> None:
    """Wait until the condition holds.

    Raises:
        TimeoutError: it did not hold in time.
    """
    async with asyncio.timeout(within_s):
        while not await condition():
            await asyncio.sleep(poll_s)


async def verdicts_of(settings: Settings) -> list[dict[str, Any]]:
    records = await read_all(settings, settings.topics.verdicts)
    return [json.loads(record.value) for record in records if parse_erasure(record.value) is None]


@dataclass
class Load:
    """Phones that report every second, and payments near them or far from them, at a steady rate.

    `stolen`: the ground truth of each payment, by transaction id.
    """

    settings: Settings
    devices: int = 40
    seed: int = 1
    stolen: dict[str, bool] = field(default_factory=dict)
    pushes: int = 0

    async def run(self, seconds: float, pushes_per_s: int = 400, payments_per_s: int = 100) -> None:
        """Send for this time. Returns when the broker has confirmed everything."""
        chance = random.Random(self.seed)
        loop = asyncio.get_running_loop()
        began = loop.time()
        confirmations: list[Awaitable[object]] = []
        async with producer(self.settings) as opened:
            for tick in range(int(seconds * 20)):
                await asyncio.sleep(max(0.0, began + tick / 20 - loop.time()))
                confirmations += [await self._push(opened) for _ in range(pushes_per_s // 20)]
                confirmations += [await self._pay(opened, chance) for _ in range(payments_per_s // 20)]
            await asyncio.gather(*confirmations)

    async def _push(self, opened: AIOKafkaProducer) -> Awaitable[object]:
        device, second = f"phone-{self.pushes % self.devices}", self.pushes // self.devices
        self.pushes += 1
        record = push(fix(second), device_id=device, message_id=second)
        confirmation: Awaitable[object] = await opened.send(
            self.settings.topics.locations, as_bytes(record), key=device.encode()
        )
        return confirmation

    async def _pay(self, opened: AIOKafkaProducer, chance: random.Random) -> Awaitable[object]:
        number = len(self.stolen)
        device, stolen = f"phone-{number % self.devices}", chance.random() < 0.2
        latitude, longitude = east_of_home(900_000 if stolen else 20)
        at_s = NOON_MS / 1000 + self.pushes // self.devices
        record = payment(
            number, device_id=device, timestamp=at_s, latitude=latitude, longitude=longitude, user_id=f"u-{number}"
        )
        self.stolen[record["transaction_id"]] = stolen
        confirmation: Awaitable[object] = await opened.send(
            self.settings.topics.transactions, as_bytes(record), key=device.encode()
        )
        return confirmation

    async def all_answered(self) -> bool:
        return {one["transaction_id"] for one in await verdicts_of(self.settings)} >= self.stolen.keys()


async def assert_each_payment_has_one_answer(settings: Settings, paid: Iterable[str], *, crashed: bool) -> None:
    """Check that each payment has revisions 1 to n and that there are no other verdicts.

    A crash may leave copies, which must be equal byte for byte.
    """
    copies: defaultdict[str, defaultdict[int, list[bytes]]] = defaultdict(lambda: defaultdict(list))
    for record in await read_all(settings, settings.topics.verdicts):
        verdict = json.loads(record.value)
        copies[verdict["transaction_id"]][verdict["revision"]].append(record.value)
    assert copies.keys() == set(paid)
    for name, revisions in copies.items():
        assert sorted(revisions) == list(range(1, len(revisions) + 1)), name
        assert all(len(set(values) if crashed else values) == 1 for values in revisions.values()), name


async def assert_table_is_fold_of_input(settings: Settings) -> None:
    """Check that the changelog contains the rows that the agents compute from the input."""
    changelog = latest(await read_all(settings, changelog_of(settings)))
    table = {key: value for key, value in changelog.items() if not key.startswith(b"\0")}
    rows = await fold_topics(settings)
    assert table.keys() == rows.keys()
    assert [key for key in rows if is_independent_of_order(key) and table[key] != rows[key]] == []


def latest(records: Iterable[ConsumerRecord]) -> dict[bytes, bytes]:
    """Return the rows that compaction would leave."""
    rows: dict[bytes, bytes] = {}
    for record in records:
        if record.value is None:
            rows.pop(record.key, None)
        else:
            rows[record.key] = record.value
    return rows


async def assert_stores_hold_each_payment_once(settings: Settings, paid: Mapping[str, bool]) -> None:
    """Check that both stores hold the newest published revision of each payment and of each suspect."""
    masker = Masker(masking_keys(settings)[0])
    verdicts = await reconcile_when_idle(settings, Dataset.VERDICTS, len(paid), within_s=60)
    assert verdicts.stores["mongo"].keys() == {masker.token("transaction", name) for name in paid}
    accused = {one["id"] for one in await verdicts_of(settings) if one["verdict"] == "suspect"}
    suspects = await reconcile_when_idle(settings, Dataset.SUSPECTS, len(accused), within_s=60)
    assert suspects.kafka.keys() == accused
    assert (verdicts.unequal, suspects.unequal) == ([], [])
