"""The consumer: what it fetches, and when it seeks."""

import asyncio

import pytest
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from app.settings import Settings
from app.stream.source.consumer import Consumer
from app.stream.worker import StreamApp
from tests.support.batch import FakeRecord

A, B = TP("a", 0), TP("b", 0)


def app_without_a_broker() -> StreamApp:
    app = StreamApp("test", Settings(_env_file=None), writes=())
    Consumer.of(app)._thread.thread_loop.close()  # opened when the thread is made, closed only when it has run
    return app


async def test_the_end_of_one_rebalance_is_not_the_end_of_the_next() -> None:
    app = app_without_a_broker()
    app.on_rebalance_start()
    await app.on_partitions_assigned.send({A})
    app.on_rebalance_start()
    app.on_rebalance_end()
    assert app.rebalancing
    await app.on_partitions_assigned.send({A})
    app.on_rebalance_end()
    assert not app.rebalancing


async def test_a_partition_of_which_nothing_is_committed_begins_with_its_oldest_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def committed() -> dict[TP, int]:
        return {A: 7}

    async def oldest(*partitions: TP) -> dict[TP, int]:
        return dict.fromkeys(partitions, 3)

    consumer = Consumer.of(app_without_a_broker())
    monkeypatch.setattr(consumer, "assignment", lambda: {A, B})
    monkeypatch.setattr(consumer, "seek_to_committed", committed)
    monkeypatch.setattr(consumer, "earliest_offsets", oldest)
    await consumer.perform_seek()
    assert consumer.positions.of({A, B}) == {A: 7, B: 3}


class Fetches:
    """Fetches of a consumer's thread that return when told to; and the order in which things happened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[set[TP]] = []
        self.order: list[str] = []
        self.arrived = asyncio.Event()
        monkeypatch.setattr(driver.Consumer, "_getmany", self._fetch)
        monkeypatch.setattr(driver.Consumer, "seek_wait", self._seek)

    async def _fetch(self, active: set[TP], *_: object) -> dict[TP, list[FakeRecord]]:
        self.asked.append(active)
        await self.arrived.wait()
        self.order.append("fetched")
        return {}

    async def _seek(self, *_: object) -> None:
        self.order.append("sought")


async def test_a_fetch_asks_for_what_it_was_told_although_faust_empties_that_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    consumer, fetches = Consumer.of(app_without_a_broker()), Fetches(monkeypatch)
    active = {A}
    fetching = asyncio.create_task(consumer._getmany(active, 1.0))
    await asyncio.sleep(0)
    active.clear()
    fetches.arrived.set()
    await fetching
    assert fetches.asked == [{A}]


async def test_no_partition_to_fetch_does_not_mean_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    consumer, fetches = Consumer.of(app_without_a_broker()), Fetches(monkeypatch)
    assert await consumer._getmany(set(), 1.0) == {}
    assert fetches.asked == []


async def test_nothing_is_sought_while_a_fetch_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    consumer, fetches = Consumer.of(app_without_a_broker()), Fetches(monkeypatch)
    fetching = asyncio.create_task(consumer._getmany({A}, 1.0))
    await asyncio.sleep(0)
    seeking = asyncio.create_task(consumer.seek_wait({A: 3}))
    await asyncio.sleep(0)
    fetches.arrived.set()
    await asyncio.gather(fetching, seeking)
    assert fetches.order == ["fetched", "sought"]
