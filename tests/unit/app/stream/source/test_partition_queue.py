"""Queue of pending batches: order, merging and its limit."""

import asyncio

import pytest
from faust.types import TP

from agents.batch import Batch
from app.stream.source import fetched_batch, partition_queue
from app.stream.source.fetched_batch import FetchedBatch
from app.stream.source.partition_queue import PartitionQueue, PendingBatch
from tests.support.batch import records_at

HERE, THERE = 3, 4
FIXES, PAYMENTS = TP("locations", HERE), TP("transactions", HERE)


def ignore(batch: Batch) -> None:
    """Process no record."""


def pending(source: TP, start_offset: int, *offsets: int) -> PendingBatch:
    return PendingBatch(FetchedBatch(start_offset, records_at(source, *offsets)), ignore, advances_time=False)


async def queue_of(*batches: PendingBatch) -> PartitionQueue:
    queue = PartitionQueue()
    for batch in batches:
        await queue.put(batch)
    return queue


def taken(queue: PartitionQueue) -> list[tuple[str, int, list[int]]]:
    """Return topic, start offset and offsets of every batch of a partition, in the order of the queue."""
    found = []
    while one := queue.take_next(HERE):
        batch = one.batch
        found.append((batch.source.topic, batch.start_offset, [record.offset for record in batch.records]))
    return found


async def test_the_oldest_batch_is_taken_first() -> None:
    assert taken(await queue_of(pending(PAYMENTS, 5, 5), pending(FIXES, 0, 0, 1))) == [
        ("transactions", 5, [5]),
        ("locations", 0, [0, 1]),
    ]


async def test_a_batch_that_continues_a_pending_one_is_merged_into_it() -> None:
    queue = await queue_of(pending(FIXES, 0, 0, 1), pending(PAYMENTS, 5, 5), pending(FIXES, 2, 4))
    assert taken(queue) == [("locations", 0, [0, 1, 4]), ("transactions", 5, [5])]


async def test_a_taken_batch_accepts_no_further_records() -> None:
    queue = await queue_of(pending(FIXES, 0, 0))
    first = queue.take_next(HERE)
    await queue.put(pending(FIXES, 1, 1))
    assert first is not None
    assert len(first.batch.records) == 1
    assert taken(queue) == [("locations", 1, [1])]


@pytest.mark.parametrize(
    ("later", "why"),
    [
        (pending(FIXES, 3, 3), "a record may lie between them"),
        (pending(FIXES, 0, 0, 1), "it was fetched again"),
        (pending(FIXES, 2, 2, 3), "the merged batch would be too long"),
    ],
)
async def test_a_batch_that_cannot_be_merged_blocks_put(
    later: PendingBatch, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetched_batch, "RECORDS_MAX", 3)
    queue = await queue_of(pending(FIXES, 0, 0, 1))
    putting = asyncio.create_task(queue.put(later))
    await asyncio.sleep(0)
    assert not putting.done(), why
    first = queue.take_next(HERE)
    await asyncio.wait_for(putting, 1)
    assert first is not None
    assert [record.offset for record in first.batch.records] == [0, 1]
    assert queue.take_next(HERE) is later


async def test_a_full_queue_blocks_put_for_every_partition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition_queue, "QUEUED_RECORDS_MAX", 3)
    queue = await queue_of(pending(FIXES, 0, 0, 1), pending(TP("locations", THERE), 0, 0))
    putting = asyncio.create_task(queue.put(pending(PAYMENTS, 5, 5)))
    await asyncio.sleep(0)
    assert not putting.done()
    assert queue.take_next(THERE) is not None
    await asyncio.wait_for(putting, 1)
    assert taken(queue) == [("locations", 0, [0, 1]), ("transactions", 5, [5])]


async def test_an_empty_queue_accepts_a_batch_above_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition_queue, "QUEUED_RECORDS_MAX", 1)
    assert taken(await queue_of(pending(FIXES, 0, 0, 1))) == [("locations", 0, [0, 1])]


async def test_each_partition_has_a_queue_of_its_own() -> None:
    queue = await queue_of(pending(FIXES, 0, 0))
    assert queue.take_next(THERE) is None
    assert taken(queue) == [("locations", 0, [0])]


async def test_a_new_queue_is_empty() -> None:
    assert PartitionQueue().take_next(HERE) is None
