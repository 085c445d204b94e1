"""The parts of the stream core that need no broker."""

import asyncio

import pytest
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from app.settings import Settings
from app.stream import slices
from app.stream.application import StreamApp
from app.stream.batch import WEIGHT_MAX_BYTES, SourceBatch
from app.stream.consumer import Consumer
from app.stream.continuity import Continuity
from app.stream.mark import Mark
from app.stream.positions import Positions
from app.stream.producer import TOPIC_BATCH_BYTES, Message, _parts
from app.stream.rounds import PERIOD_MS, ROWS_A_BATCH, ROWS_A_BATCH_MAX, Rounds
from app.stream.slices import Slice, Slices
from app.stream.watchdog import Stall
from tests.support.batch import FakeRecord

A, B = TP("a", 0), TP("b", 0)


def records_at(tp: TP, *offsets: int) -> list[FakeRecord]:
    return [FakeRecord(b"k", b"v", tp.topic, tp.partition, offset) for offset in offsets]


def test_slices_take_turns_and_each_says_what_it_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "RECORDS_MAX", 2)
    fetched = {A: Slice(0, records_at(A, 1, 2, 3, 4, 7)), B: Slice(9, records_at(B, 9))}
    cut = [(tp, part.follows, [record.offset for record in part.records]) for tp, part in Slices().iterate(fetched)]
    assert cut == [(A, 0, [1, 2]), (B, 9, [9]), (A, 3, [3, 4]), (A, 5, [7])]


def test_nothing_fetched_is_no_slice() -> None:
    assert list(Slices().iterate({})) == []


def test_what_follows_the_last_fetch_is_handed_out() -> None:
    continuity = Continuity()
    continuity.sought(A, 3)
    assert [continuity.follow(A, records_at(A, 3, 4)), continuity.follow(A, records_at(A, 5))] == [
        Slice(3, records_at(A, 3, 4)),
        Slice(5, records_at(A, 5)),
    ]


def test_a_hole_is_asked_for_again_and_filled() -> None:
    continuity = Continuity()
    continuity.sought(A, 3)
    assert continuity.follow(A, records_at(A, 7, 8)) is None
    assert continuity.where(A) == 3
    assert continuity.follow(A, records_at(A, 3, 4)) == Slice(3, records_at(A, 3, 4))
    assert continuity.follow(A, records_at(A, 7, 8)) is None


def test_a_gap_that_is_still_there_when_asked_again_is_the_brokers() -> None:
    continuity = Continuity()
    continuity.sought(A, 3)
    assert continuity.follow(A, records_at(A, 7)) is None
    assert continuity.follow(A, records_at(A, 7)) == Slice(3, records_at(A, 7))
    assert continuity.follow(A, records_at(A, 8)) == Slice(8, records_at(A, 8))


def test_what_was_handed_out_already_does_not_move_the_next_fetch_back() -> None:
    continuity = Continuity()
    continuity.sought(A, 9)
    assert continuity.follow(A, records_at(A, 5, 6)) == Slice(9, records_at(A, 5, 6))
    assert continuity.where(A) == 9


def test_a_position_never_goes_back() -> None:
    positions = Positions()
    positions.reached(A, 7)
    positions.reached(A, 3)
    assert positions[A] == 7


def test_a_position_begins_where_the_group_has_none_and_only_there() -> None:
    positions = Positions()
    positions.begin(A, 5)
    positions.begin(A, 9)
    assert positions.of({A, B}) == {A: 5}


def test_a_partition_that_was_taken_away_has_no_position() -> None:
    positions = Positions()
    positions.reached(A, 7)
    positions.forget(A)
    assert positions.get(A) is None


def test_a_mark_comes_back_as_it_was() -> None:
    mark = Mark(7, {"verdicts": [Message(b"k", b"v"), Message(None, b"w")]})
    assert Mark.load(mark.dump()) == mark
    assert Mark.next_offset_of(mark.dump()) == 7
    assert Mark.next_offset_of(None) == 0


def test_a_marks_key_is_no_device_id() -> None:
    key = Mark.key(TP("my-locations", 3))
    assert key == b"\0my-locations-3"
    assert Mark.source_of(key) == TP("my-locations", 3)
    assert [Mark.is_key(other) for other in (key, b"phone", b"phone\0book", b"\0\0of-no-device", b"")] == [
        *(True, False, False, False, False)
    ]


def batch_of(*sizes: int, rows: dict[bytes, bytes] | None = None) -> SourceBatch:
    return SourceBatch(
        [FakeRecord(b"k", b"x" * size, offset=place) for place, size in enumerate(sizes, start=10)], rows or {}
    )


def test_a_batch_knows_how_far_it_has_read() -> None:
    batch = batch_of(1, 1, 1)
    taken = [record.offset for record, _ in zip(batch.records, range(2), strict=False)]
    assert (taken, batch.taken) == ([10, 11], 3)
    assert batch.next_offset == 13


def test_a_row_is_read_as_the_batch_has_left_it() -> None:
    batch = batch_of(1, rows={b"k": b"old"})
    assert batch.get(b"k") == b"old"
    batch.put(b"k", b"new")
    assert (batch.get(b"k"), batch.changed) == (b"new", {b"k": b"new"})


def test_a_batch_that_is_heavy_takes_no_further_record() -> None:
    batch = batch_of(1, 1, 1)
    for record in batch.records:
        batch.send("verdicts", record.key, b"x" * WEIGHT_MAX_BYTES)
    assert (batch.taken, batch.next_offset) == (1, 11)


def test_rows_count_towards_the_weight_of_a_batch() -> None:
    batch = batch_of(1, 1, rows={b"k": b"x" * (WEIGHT_MAX_BYTES + 1)})
    for _ in batch.records:
        batch.get(b"k")
    assert batch.taken == 1


def test_outputs_are_cut_into_batches_that_any_topic_takes() -> None:
    messages = [Message(b"k", b"x" * (TOPIC_BATCH_BYTES // 3)) for _ in range(5)]
    assert [len(part) for part in _parts(messages)] == [2, 2, 1]
    assert list(_parts([])) == []


def test_a_round_names_each_row_once_and_the_next_one_begins_when_it_is_due() -> None:
    rounds, rows = Rounds(), {b"%d" % number: b"" for number in range(2 * ROWS_A_BATCH + 1)}
    named = [rounds.next_keys(0, rows, now_ms) for now_ms in (0, 1, 2)]
    assert [len(keys) for keys in named] == [ROWS_A_BATCH, ROWS_A_BATCH, 1]
    assert {key for keys in named for key in keys} == rows.keys()
    assert rounds.next_keys(0, rows, PERIOD_MS - 1) == []
    assert len(rounds.next_keys(0, rows, PERIOD_MS)) == ROWS_A_BATCH


def test_where_batches_are_few_each_looks_at_more_so_that_a_round_takes_an_hour() -> None:
    rounds, rows = Rounds(), {b"%d" % number: b"" for number in range(10 * ROWS_A_BATCH)}
    named = [len(rounds.next_keys(0, rows, now_ms)) for now_ms in range(0, PERIOD_MS + 1, PERIOD_MS // 4)]
    assert named[:4] == [ROWS_A_BATCH, *[len(rows) // 4] * 3]
    assert sum(named) >= len(rows)


def test_no_batch_looks_at_more_rows_than_it_has_time_for() -> None:
    rounds, rows = Rounds(), {b"%d" % number: b"" for number in range(10 * ROWS_A_BATCH_MAX)}
    rounds.next_keys(0, rows, 0)
    assert len(rounds.next_keys(0, rows, PERIOD_MS)) == ROWS_A_BATCH_MAX


def test_a_stall_lasts_as_long_as_there_is_work_and_nothing_moves() -> None:
    stall = Stall()
    seen = [(0, 5, False), (1, 5, True), (11, 5, True), (12, 6, True), (15, 6, True), (16, 6, False), (90, 6, True)]
    assert [stall.lasts_s(now_s, progress, busy=busy) for now_s, progress, busy in seen] == [0, 0, 10, 0, 3, 0, 0]


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


def test_partitions_have_rounds_of_their_own() -> None:
    rounds = Rounds()
    assert rounds.next_keys(0, {b"a": b""}, 0) == [b"a"]
    assert rounds.next_keys(1, {b"b": b""}, 0) == [b"b"]
    assert rounds.next_keys(0, {b"a": b"", b"new": b""}, 0) == []


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
