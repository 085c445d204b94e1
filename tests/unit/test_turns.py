"""Turns: what waits for a partition is folded together, in its order."""

import asyncio

import pytest
from faust.types import TP

from agents.batch import Batch
from app.stream.source import fetched_batch as slices
from app.stream.source.fetched_batch import FetchedBatch
from app.stream.source.partition_queue import PartitionQueue, PendingBatch
from tests.support.batch import records_at

HERE, THERE = 3, 4
FIXES, PAYMENTS = TP("locations", HERE), TP("transactions", HERE)


def nothing(batch: Batch) -> None:
    """Folds no record."""


def turn(source: TP, follows: int, *offsets: int) -> PendingBatch:
    return PendingBatch(FetchedBatch(follows, records_at(source, *offsets)), nothing, advances_time=False)


async def waiting(*added: PendingBatch) -> PartitionQueue:
    turns = PartitionQueue()
    for one in added:
        await turns.put(one)
    return turns


def begun(turns: PartitionQueue) -> list[tuple[str, int, list[int]]]:
    """Topic, offset that is followed, and offsets of every turn of a partition, as they begin."""
    found = []
    while one := turns.take_next(HERE):
        given = one.batch
        found.append((given.source.topic, given.start_offset, [record.offset for record in given.records]))
    return found


async def test_who_waits_longest_begins() -> None:
    assert begun(await waiting(turn(PAYMENTS, 5, 5), turn(FIXES, 0, 0, 1))) == [
        ("transactions", 5, [5]),
        ("locations", 0, [0, 1]),
    ]


async def test_what_goes_on_where_the_waiting_ones_end_joins_them() -> None:
    turns = await waiting(turn(FIXES, 0, 0, 1), turn(PAYMENTS, 5, 5), turn(FIXES, 2, 4))
    assert begun(turns) == [("locations", 0, [0, 1, 4]), ("transactions", 5, [5])]


async def test_nothing_joins_a_turn_that_has_begun() -> None:
    turns = await waiting(turn(FIXES, 0, 0))
    first = turns.take_next(HERE)
    await turns.put(turn(FIXES, 1, 1))
    assert first is not None
    assert len(first.batch.records) == 1
    assert begun(turns) == [("locations", 1, [1])]


@pytest.mark.parametrize(
    ("later", "why"),
    [
        (turn(FIXES, 3, 3), "something lies between them"),
        (turn(FIXES, 0, 0, 1), "it was fetched again"),
        (turn(FIXES, 2, 2, 3), "together they would be too long"),
    ],
)
async def test_what_cannot_join_waits_outside(later: PendingBatch, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "RECORDS_MAX", 3)
    turns = await waiting(turn(FIXES, 0, 0, 1))
    adding = asyncio.create_task(turns.put(later))
    await asyncio.sleep(0)
    assert not adding.done(), why
    first = turns.take_next(HERE)
    await asyncio.wait_for(adding, 1)
    assert first is not None
    assert [record.offset for record in first.batch.records] == [0, 1]
    assert turns.take_next(HERE) is later


async def test_when_too_much_waits_of_all_partitions_further_records_wait_outside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.stream.source.partition_queue.QUEUED_RECORDS_MAX", 3)
    turns = await waiting(turn(FIXES, 0, 0, 1), turn(TP("locations", THERE), 0, 0))
    adding = asyncio.create_task(turns.put(turn(PAYMENTS, 5, 5)))
    await asyncio.sleep(0)
    assert not adding.done()
    assert turns.take_next(THERE) is not None
    await asyncio.wait_for(adding, 1)
    assert begun(turns) == [("locations", 0, [0, 1]), ("transactions", 5, [5])]


async def test_a_slice_alone_may_be_longer_than_what_may_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.stream.source.partition_queue.QUEUED_RECORDS_MAX", 1)
    assert begun(await waiting(turn(FIXES, 0, 0, 1))) == [("locations", 0, [0, 1])]


async def test_partitions_have_their_turns_apart() -> None:
    turns = await waiting(turn(FIXES, 0, 0))
    assert turns.take_next(THERE) is None
    assert begun(turns) == [("locations", 0, [0])]


async def test_nobody_waits_at_first() -> None:
    assert PartitionQueue().take_next(HERE) is None
