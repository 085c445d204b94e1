"""The consumer: its fetches, seeks and first offsets."""

import asyncio

import pytest
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from app.stream.source.consumer import Consumer
from tests.support.batch import FakeRecord
from tests.support.worker import without_broker

A, B = TP("a", 0), TP("b", 0)


@pytest.fixture
async def consumer() -> Consumer:
    return Consumer.of(without_broker())


async def test_a_partition_without_a_committed_offset_starts_at_its_oldest_record(
    consumer: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def committed() -> dict[TP, int]:
        return {A: 7}

    async def oldest(*partitions: TP) -> dict[TP, int]:
        return dict.fromkeys(partitions, 3)

    monkeypatch.setattr(consumer, "assignment", lambda: {A, B})
    monkeypatch.setattr(consumer, "seek_to_committed", committed)
    monkeypatch.setattr(consumer, "earliest_offsets", oldest)
    await consumer.perform_seek()
    assert consumer.processed.of({A, B}) == {A: 7, B: 3}


class SlowDriver:
    """A driver whose fetches return once `arrived` is set. It records the order of fetches and seeks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fetched: list[set[TP]] = []
        self.order: list[str] = []
        self.arrived = asyncio.Event()
        monkeypatch.setattr(driver.Consumer, "_getmany", self._fetch)
        monkeypatch.setattr(driver.Consumer, "seek_wait", self._seek)

    async def _fetch(self, active: set[TP], *_: object) -> dict[TP, list[FakeRecord]]:
        self.fetched.append(active)
        await self.arrived.wait()
        self.order.append("fetched")
        return {}

    async def _seek(self, *_: object) -> None:
        self.order.append("sought")


async def test_a_fetch_keeps_its_partitions_when_faust_empties_the_set(
    consumer: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, active = SlowDriver(monkeypatch), {A}
    fetching = asyncio.create_task(consumer._getmany(active, 1.0))
    await asyncio.sleep(0)
    active.clear()
    slow.arrived.set()
    await fetching
    assert slow.fetched == [{A}]


async def test_an_empty_set_of_partitions_fetches_nothing(consumer: Consumer, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = SlowDriver(monkeypatch)
    assert await consumer._getmany(set(), 1.0) == {}
    assert slow.fetched == []


async def test_a_seek_waits_for_the_running_fetch(consumer: Consumer, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = SlowDriver(monkeypatch)
    fetching = asyncio.create_task(consumer._getmany({A}, 1.0))
    await asyncio.sleep(0)
    seeking = asyncio.create_task(consumer.seek_wait({A: 3}))
    await asyncio.sleep(0)
    slow.arrived.set()
    await asyncio.gather(fetching, seeking)
    assert slow.order == ["fetched", "sought"]
