"""What the rows of a table must do wherever they lie, asked of each place."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from faust.types import TP

from app.stream.output.producer import Message
from app.stream.source.fetched_batch import FetchedBatch
from app.stream.state.changelog_store import ChangelogStore
from app.stream.state.checkpoint import Checkpoint
from app.stream.state.partition_store import MemoryBackend, StateBackend
from app.stream.state.rocksdb_partition import KEYS_AT_ONCE
from app.stream.state.sweeper import ROWS_A_BATCH, IncrementalSweep
from tests.support.rows import LOG_0, LOG_1, Claim, store_of, written


@pytest.fixture(params=["memory", "rocksdb"])
def place(request: pytest.FixtureRequest, claim: Claim) -> StateBackend:
    return MemoryBackend() if request.param == "memory" else claim()


@dataclass(frozen=True)
class ChangelogRecord:
    """As recovery hands it over."""

    key: bytes
    value: bytes | None
    offset: int


def recover(rows: ChangelogStore, changelog: TP, *records: ChangelogRecord, follows: int = 0) -> None:
    message = SimpleNamespace(tp=changelog, value=FetchedBatch(follows, records))
    rows.apply_changelog_batch([SimpleNamespace(message=message)], bytes, bytes)


async def test_rows_live_with_their_partition(place: StateBackend) -> None:
    rows = await store_of(place, LOG_0, LOG_1)
    rows.apply(LOG_0, [Message(b"a", b"1")], 5)
    rows.apply(LOG_1, [Message(b"b", b"2")], 7)
    assert (rows.partition(0)[b"a"], rows.partition(0).get(b"b"), b"b" in rows.partition(0)) == (b"1", None, False)
    assert (rows.persisted_offset(LOG_0), rows.persisted_offset(LOG_1)) == (5, 7)
    with pytest.raises(KeyError):
        rows.partition(0)[b"b"]


async def test_a_view_follows_later_changes(place: StateBackend) -> None:
    rows = await store_of(place, LOG_0)
    view = rows.partition(0)
    rows.apply(LOG_0, [Message(b"a", b"1")], 0)
    assert dict(view) == {b"a": b"1"}
    assert rows.count == len(view) == 1


async def test_of_a_partition_that_was_taken_away_nothing_is_seen(place: StateBackend) -> None:
    rows = await store_of(place, LOG_0, LOG_1)
    rows.apply(LOG_0, [Message(b"a", b"1")], 5)
    rows.apply(LOG_1, [Message(b"b", b"2")], 7)
    await rows.on_rebalance({LOG_1}, {LOG_0}, set())
    rows.apply(LOG_0, [Message(b"a", b"2")], 6)
    assert (dict(rows.partition(0)), rows.persisted_offset(LOG_0), rows.last_checkpoint(0)) == ({}, None, None)
    assert (rows.partition(1)[b"b"], rows.persisted_offset(LOG_1)) == (b"2", 7)


async def test_what_comes_back_is_only_as_true_as_its_offset_says(place: StateBackend) -> None:
    """From there on the changelog is read: rows and offset are either those of before or none at all."""
    rows = await store_of(place, LOG_0)
    mark = Checkpoint.key(TP("a", 0))
    rows.apply(LOG_0, [Message(mark, b"m"), Message(b"a", b"1")], 6, mark)
    await rows.on_rebalance(set(), {LOG_0}, set())
    await rows.on_rebalance({LOG_0}, set(), {LOG_0})
    known = (dict(rows.partition(0)), rows.persisted_offset(LOG_0), rows.last_checkpoint(0))
    if isinstance(place, MemoryBackend):
        assert known == ({}, None, None)
    else:
        assert known == ({mark: b"m", b"a": b"1"}, 6, mark)


async def test_what_recovery_still_holds_of_a_partition_that_was_taken_away_is_not_taken_for_all_of_it(
    place: StateBackend,
) -> None:
    rows = await store_of(place, LOG_0)
    recover(rows, LOG_0, ChangelogRecord(b"a", b"1", 3))
    await rows.on_rebalance(set(), {LOG_0}, set())
    recover(rows, LOG_0, ChangelogRecord(b"b", b"2", 4))
    await rows.on_rebalance({LOG_0}, set(), {LOG_0})
    assert b"b" not in rows.partition(0)
    assert rows.persisted_offset(LOG_0) in (None, 3)


async def test_a_hole_in_what_recovery_reads_ends_the_process(place: StateBackend) -> None:
    rows = await store_of(place, LOG_0)
    recover(rows, LOG_0, ChangelogRecord(b"a", b"1", 3), follows=0)
    recover(rows, LOG_0, ChangelogRecord(b"a", b"2", 9), follows=4)  # compacted away between
    with pytest.raises(RuntimeError, match="rows before offset 12 of log 0 never came"):
        recover(rows, LOG_0, ChangelogRecord(b"b", b"3", 12), follows=12)


async def test_another_worker_between_what_is_known_and_what_was_written_ends_the_process(place: StateBackend) -> None:
    rows = await store_of(place, LOG_0)
    rows.apply(LOG_0, [Message(b"a", b"1"), Message(b"b", b"1")], 5)
    with pytest.raises(RuntimeError, match="records 6 to 7 of log 0 are not ours"):
        rows.apply(LOG_0, [Message(b"a", b"2"), Message(b"b", b"2")], 9)
    assert (rows.partition(0)[b"a"], rows.persisted_offset(LOG_0)) == (b"1", 5)


async def test_rows_are_never_taken_back_to_what_they_were(place: StateBackend) -> None:
    rows = await store_of(place, LOG_0)
    rows.apply(LOG_0, [Message(b"a", b"2")], 4)
    recover(rows, LOG_0, ChangelogRecord(b"a", b"1", 3), ChangelogRecord(b"a", b"2", 4))
    recover(rows, LOG_0, ChangelogRecord(b"a", b"1", 3))
    assert (dict(rows.partition(0)), rows.persisted_offset(LOG_0)) == ({b"a": b"2"}, 4)


async def test_a_row_without_value_is_gone_and_a_record_without_key_is_no_row(place: StateBackend) -> None:
    rows = await store_of(place, LOG_0)
    rows.apply(LOG_0, [Message(b"a", b"1"), Message(None, b"x"), Message(b"", b"x")], 5)
    rows.apply(LOG_0, [Message(b"a", None), Message(b"never-there", None)], 7)
    assert (dict(rows.partition(0)), rows.persisted_offset(LOG_0)) == ({}, 7)


async def test_the_last_batch_of_a_partition_is_known_by_its_mark_whoever_wrote_it(place: StateBackend) -> None:
    rows = await store_of(place, LOG_0, LOG_1)
    assert rows.last_checkpoint(0) is None
    mark_a, mark_b = Checkpoint.key(TP("a", 0)), Checkpoint.key(TP("b", 0))
    keys = (mark_a, b"row", mark_b, b"row", b"\0\0of-no-device", b"row")
    recover(rows, LOG_0, *[ChangelogRecord(key, b"v", offset) for offset, key in enumerate(keys)])
    assert (rows.last_checkpoint(0), rows.last_checkpoint(1)) == (mark_b, None)
    recover(rows, LOG_0, ChangelogRecord(b"row", None, 6), follows=6)
    assert rows.last_checkpoint(0) == mark_b
    rows.apply(LOG_0, [Message(mark_a, b"v"), Message(b"row", b"v")], 8, mark_a)
    assert rows.last_checkpoint(0) == mark_a


async def test_recovery_applies_slices_of_the_changelog(place: StateBackend) -> None:
    rows = await store_of(place, LOG_0)
    recover(rows, LOG_0, *[ChangelogRecord(*one) for one in ((b"a", b"1", 3), (b"a", b"2", 4), (b"b", b"3", 5))])
    assert (dict(rows.partition(0)), rows.persisted_offset(LOG_0)) == ({b"a": b"2", b"b": b"3"}, 5)


def test_rows_may_change_while_they_are_named_and_none_is_named_twice(place: StateBackend) -> None:
    rows = place.open(0)
    there = [b"key-%05d" % number for number in range(3 * KEYS_AT_ONCE)]
    written(rows, *there)
    named = []
    for number, key in enumerate(rows):
        named.append(key)
        if number % 500 == 0:
            written(rows, b"key-%05d-new" % number, b"zzz")
            written(rows, there[-1], value=None)
    assert len(named) == len(set(named))
    assert set(there[:-1]) <= set(named)


def test_a_round_goes_over_the_rows_of_any_place(place: StateBackend) -> None:
    rounds, rows = IncrementalSweep(), place.open(0)
    there = {b"key-%05d" % number for number in range(2 * ROWS_A_BATCH + 1)}
    written(rows, *there)
    named = [key for now_ms in range(3) for key in rounds.next_keys(0, rows, now_ms)]
    assert sorted(named) == sorted(there)
