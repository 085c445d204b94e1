"""The drain: what a store is given, and how, when it is slow or away."""

from collections.abc import Sequence

import pytest
from faust.types import TP

from agents.batch import Record
from app.errors import UnavailableError
from app.settings import Settings
from app.stream.output import sink_writer as drain
from app.stream.output.sink_writer import WRITE_BATCH_MAX, SinkWriter
from app.stream.source.consumer import Consumer
from app.stream.source.fetched_batch import FetchedBatch
from app.stream.worker import StreamApp
from tests.support.batch import FakeRecord

PLACE = TP("verdicts", 0)


class Store:
    """Takes so many records at a time and no more."""

    def __init__(self, at_most: int) -> None:
        self.at_most = at_most
        self.taken: list[int] = []
        self.asked: list[int] = []

    async def __call__(self, records: Sequence[Record]) -> None:
        self.asked.append(len(records))
        if len(records) > self.at_most:
            raise UnavailableError("too slow for so much")
        self.taken += [record.offset for record in records]


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> StreamApp:
    monkeypatch.setattr(drain, "FIRST_PAUSE_S", 0.0)
    app = StreamApp("test", Settings(_env_file=None), writes=())
    consumer = Consumer.of(app)
    consumer._thread.thread_loop.close()
    consumer.positions.start_at(PLACE, 0)
    return app


def given(count: int) -> FetchedBatch:
    return FetchedBatch(0, [FakeRecord(b"k", b"v", *PLACE, offset) for offset in range(count)])


async def test_a_store_that_is_too_slow_for_much_gets_less_and_gets_it_all_in_order(app: StreamApp) -> None:
    store = Store(at_most=130)
    await SinkWriter(app, store, "verdicts")(given(2 * WRITE_BATCH_MAX))
    assert store.taken == list(range(2 * WRITE_BATCH_MAX))
    assert store.asked[:5] == [1000, 500, 250, 125, 250]
    assert Consumer.of(app).positions[PLACE] == 2 * WRITE_BATCH_MAX


async def test_a_store_is_never_given_more_than_a_part(app: StreamApp) -> None:
    store = Store(at_most=10 * WRITE_BATCH_MAX)
    await SinkWriter(app, store, "verdicts")(given(2 * WRITE_BATCH_MAX + 1))
    assert store.asked == [WRITE_BATCH_MAX, WRITE_BATCH_MAX, 1]


async def test_between_two_parts_a_rebalance_need_not_wait(app: StreamApp) -> None:
    store = Store(at_most=WRITE_BATCH_MAX)
    app.rebalancing = True
    await SinkWriter(app, store, "verdicts")(given(WRITE_BATCH_MAX + 1))
    assert store.asked == [WRITE_BATCH_MAX]


async def test_what_was_stored_before_an_interruption_is_done_and_not_delivered_again(app: StreamApp) -> None:
    store = Store(at_most=WRITE_BATCH_MAX)
    drain = SinkWriter(app, store, "verdicts")
    app.rebalancing = True
    await drain(given(2 * WRITE_BATCH_MAX + 1))
    assert Consumer.of(app).positions[PLACE] == WRITE_BATCH_MAX
    app.rebalancing = False
    await drain(given(2 * WRITE_BATCH_MAX + 1))
    assert store.taken == list(range(2 * WRITE_BATCH_MAX + 1))
    assert Consumer.of(app).positions[PLACE] == 2 * WRITE_BATCH_MAX + 1


async def test_a_part_that_a_store_refuses_while_the_worker_is_told_to_let_go_is_not_done(app: StreamApp) -> None:
    app.rebalancing = True
    await SinkWriter(app, Store(at_most=0), "verdicts")(given(3))
    assert Consumer.of(app).positions[PLACE] == 0


async def test_a_part_that_ends_before_a_gap_leaves_the_next_one_where_it_follows(app: StreamApp) -> None:
    """Offsets jump where a transaction was taken back."""
    store = Store(at_most=WRITE_BATCH_MAX)
    drain = SinkWriter(app, store, "verdicts")
    await drain(FetchedBatch(0, [FakeRecord(b"k", b"v", *PLACE, offset) for offset in (0, 1, 7)]))
    await drain(FetchedBatch(8, [FakeRecord(b"k", b"v", *PLACE, 8)]))
    assert store.taken == [0, 1, 7, 8]
