"""Delivery of records to a store that is slow or unavailable, and its interruption."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from faust.types import TP

from agents.batch import Record
from app.errors import UnavailableError
from app.observability.outage import OutageTracker
from app.observability.registry import MetricsRegistry
from app.stream.output import sink_writer
from app.stream.output.sink_writer import WRITE_BATCH_MAX, SinkWriter
from app.stream.source.fetched_batch import FetchedBatch
from app.stream.source.processed_offsets import ProcessedOffsets
from app.stream.worker_state import WorkerState
from tests.support.batch import FakeRecord

SOURCE = TP("verdicts", 0)


@dataclass
class FakeWorker(WorkerState):
    """A worker that processes records until a test interrupts it."""

    is_ready: bool = True
    rebalancing: bool = False
    should_stop: bool = False
    not_ready_reason: str | None = None
    processed: ProcessedOffsets = field(default_factory=ProcessedOffsets)

    def writer(self, store: "Store") -> SinkWriter:
        return SinkWriter(self, OutageTracker(), MetricsRegistry(), lambda: self.processed, store, "verdicts")


class Store:
    """A store that accepts at most this many records per write."""

    def __init__(self, at_most: int) -> None:
        self.at_most = at_most
        self.accepted: list[int] = []
        self.sizes: list[int] = []

    async def __call__(self, records: Sequence[Record]) -> None:
        self.sizes.append(len(records))
        if len(records) > self.at_most:
            raise UnavailableError("the write takes too long")
        self.accepted += [record.offset for record in records]


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> FakeWorker:
    monkeypatch.setattr(sink_writer, "INITIAL_DELAY_S", 0.0)
    worker = FakeWorker()
    worker.processed.start_at(SOURCE, 0)
    return worker


def fetched(count: int) -> FetchedBatch:
    return batch_at(0, *range(count))


def batch_at(start_offset: int, *offsets: int) -> FetchedBatch:
    return FetchedBatch(start_offset, [FakeRecord(b"k", b"v", *SOURCE, offset) for offset in offsets])


async def test_a_slow_store_gets_smaller_writes_and_every_record_in_order(worker: FakeWorker) -> None:
    store = Store(at_most=130)
    await worker.writer(store)(fetched(2 * WRITE_BATCH_MAX))
    assert store.accepted == list(range(2 * WRITE_BATCH_MAX))
    assert store.sizes[:5] == [1000, 500, 250, 125, 250]
    assert worker.processed[SOURCE] == 2 * WRITE_BATCH_MAX


async def test_no_write_is_larger_than_the_limit(worker: FakeWorker) -> None:
    store = Store(at_most=10 * WRITE_BATCH_MAX)
    await worker.writer(store)(fetched(2 * WRITE_BATCH_MAX + 1))
    assert store.sizes == [WRITE_BATCH_MAX, WRITE_BATCH_MAX, 1]


async def test_a_rebalance_interrupts_between_two_writes(worker: FakeWorker) -> None:
    store = Store(at_most=WRITE_BATCH_MAX)
    worker.rebalancing = True
    await worker.writer(store)(fetched(WRITE_BATCH_MAX + 1))
    assert store.sizes == [WRITE_BATCH_MAX]


async def test_records_accepted_before_an_interruption_are_not_written_again(worker: FakeWorker) -> None:
    store = Store(at_most=WRITE_BATCH_MAX)
    writer = worker.writer(store)
    worker.rebalancing = True
    await writer(fetched(2 * WRITE_BATCH_MAX + 1))
    assert worker.processed[SOURCE] == WRITE_BATCH_MAX
    worker.rebalancing = False
    await writer(fetched(2 * WRITE_BATCH_MAX + 1))
    assert store.accepted == list(range(2 * WRITE_BATCH_MAX + 1))
    assert worker.processed[SOURCE] == 2 * WRITE_BATCH_MAX + 1


async def test_a_write_that_fails_during_a_rebalance_is_not_processed(worker: FakeWorker) -> None:
    worker.rebalancing = True
    await worker.writer(Store(at_most=0))(fetched(3))
    assert worker.processed[SOURCE] == 0


async def test_a_batch_after_an_aborted_transaction_is_accepted(worker: FakeWorker) -> None:
    """The offsets of the aborted records are missing."""
    store = Store(at_most=WRITE_BATCH_MAX)
    writer = worker.writer(store)
    await writer(batch_at(0, 0, 1, 7))
    await writer(batch_at(8, 8))
    assert store.accepted == [0, 1, 7, 8]
