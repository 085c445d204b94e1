"""Contract of every state backend, through the store of a table."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from faust.types import TP

from app.stream.output.producer import Message
from app.stream.source.fetched_batch import FetchedBatch
from app.stream.state.changelog_store import ChangelogStore
from app.stream.state.checkpoint import Checkpoint
from app.stream.state.memory_backend import MemoryBackend
from app.stream.state.partition_store import StateBackend
from app.stream.state.rocksdb_partition import KEYS_PER_ITERATOR
from app.stream.state.sweeper import ROWS_PER_BATCH, IncrementalSweep
from tests.support.rows import LOG_0, LOG_1, LockBackend, store_of, write


@pytest.fixture(params=["memory", "rocksdb"])
def backend(request: pytest.FixtureRequest, lock: LockBackend) -> StateBackend:
    return MemoryBackend() if request.param == "memory" else lock()


@dataclass(frozen=True)
class ChangelogRecord:
    """A record as recovery delivers it."""

    key: bytes
    value: bytes | None
    offset: int


def recover(rows: ChangelogStore, changelog: TP, *records: ChangelogRecord, start_offset: int = 0) -> None:
    message = SimpleNamespace(tp=changelog, value=FetchedBatch(start_offset, records))
    rows.apply_changelog_batch([SimpleNamespace(message=message)], bytes, bytes)


async def test_each_partition_has_rows_and_an_offset_of_its_own(backend: StateBackend) -> None:
    rows = await store_of(backend, LOG_0, LOG_1)
    rows.apply(LOG_0, [Message(b"a", b"1")], 5)
    rows.apply(LOG_1, [Message(b"b", b"2")], 7)
    assert (rows.partition(0)[b"a"], rows.partition(0).get(b"b"), b"b" in rows.partition(0)) == (b"1", None, False)
    assert (rows.persisted_offset(LOG_0), rows.persisted_offset(LOG_1)) == (5, 7)
    with pytest.raises(KeyError):
        rows.partition(0)[b"b"]


async def test_a_view_of_a_partition_shows_later_changes(backend: StateBackend) -> None:
    rows = await store_of(backend, LOG_0)
    view = rows.partition(0)
    rows.apply(LOG_0, [Message(b"a", b"1")], 0)
    assert dict(view) == {b"a": b"1"}
    assert rows.count == len(view) == 1


async def test_a_revoked_partition_shows_no_rows(backend: StateBackend) -> None:
    rows = await store_of(backend, LOG_0, LOG_1)
    rows.apply(LOG_0, [Message(b"a", b"1")], 5)
    rows.apply(LOG_1, [Message(b"b", b"2")], 7)
    await rows.on_rebalance({LOG_1}, {LOG_0}, set())
    rows.apply(LOG_0, [Message(b"a", b"2")], 6)
    assert (dict(rows.partition(0)), rows.persisted_offset(LOG_0), rows.last_checkpoint(0)) == ({}, None, None)
    assert (rows.partition(1)[b"b"], rows.persisted_offset(LOG_1)) == (b"2", 7)


async def test_a_partition_assigned_again_has_all_its_rows_or_none(backend: StateBackend) -> None:
    """The changelog is read from the offset on, so rows and offset must agree."""
    rows = await store_of(backend, LOG_0)
    key = Checkpoint.key(TP("a", 0))
    rows.apply(LOG_0, [Message(key, b"m"), Message(b"a", b"1")], 6, key)
    await rows.on_rebalance(set(), {LOG_0}, set())
    await rows.on_rebalance({LOG_0}, set(), {LOG_0})
    found = (dict(rows.partition(0)), rows.persisted_offset(LOG_0), rows.last_checkpoint(0))
    if isinstance(backend, MemoryBackend):
        assert found == ({}, None, None)
    else:
        assert found == ({key: b"m", b"a": b"1"}, 6, key)


async def test_recovery_ignores_batches_that_arrive_after_a_revocation(backend: StateBackend) -> None:
    rows = await store_of(backend, LOG_0)
    recover(rows, LOG_0, ChangelogRecord(b"a", b"1", 3))
    await rows.on_rebalance(set(), {LOG_0}, set())
    recover(rows, LOG_0, ChangelogRecord(b"b", b"2", 4))
    await rows.on_rebalance({LOG_0}, set(), {LOG_0})
    assert b"b" not in rows.partition(0)
    assert rows.persisted_offset(LOG_0) in (None, 3)


async def test_a_hole_in_the_recovered_records_ends_the_process(backend: StateBackend) -> None:
    rows = await store_of(backend, LOG_0)
    recover(rows, LOG_0, ChangelogRecord(b"a", b"1", 3), start_offset=0)
    recover(rows, LOG_0, ChangelogRecord(b"a", b"2", 9), start_offset=4)  # compaction removed the records in between
    with pytest.raises(RuntimeError, match="rows before offset 12 of log 0 never arrived"):
        recover(rows, LOG_0, ChangelogRecord(b"b", b"3", 12), start_offset=12)


async def test_a_write_of_another_worker_to_the_changelog_ends_the_process(backend: StateBackend) -> None:
    rows = await store_of(backend, LOG_0)
    rows.apply(LOG_0, [Message(b"a", b"1"), Message(b"b", b"1")], 5)
    with pytest.raises(RuntimeError, match="another worker wrote records 6 to 7 of log 0"):
        rows.apply(LOG_0, [Message(b"a", b"2"), Message(b"b", b"2")], 9)
    assert (rows.partition(0)[b"a"], rows.persisted_offset(LOG_0)) == (b"1", 5)


async def test_recovery_never_restores_old_rows(backend: StateBackend) -> None:
    rows = await store_of(backend, LOG_0)
    rows.apply(LOG_0, [Message(b"a", b"2")], 4)
    recover(rows, LOG_0, ChangelogRecord(b"a", b"1", 3), ChangelogRecord(b"a", b"2", 4))
    recover(rows, LOG_0, ChangelogRecord(b"a", b"1", 3))
    assert (dict(rows.partition(0)), rows.persisted_offset(LOG_0)) == ({b"a": b"2"}, 4)


async def test_a_message_without_value_deletes_and_one_without_key_is_ignored(backend: StateBackend) -> None:
    rows = await store_of(backend, LOG_0)
    rows.apply(LOG_0, [Message(b"a", b"1"), Message(None, b"x"), Message(b"", b"x")], 5)
    rows.apply(LOG_0, [Message(b"a", None), Message(b"never-there", None)], 7)
    assert (dict(rows.partition(0)), rows.persisted_offset(LOG_0)) == ({}, 7)


async def test_the_last_checkpoint_is_that_of_the_last_batch_of_any_worker(backend: StateBackend) -> None:
    rows = await store_of(backend, LOG_0, LOG_1)
    assert rows.last_checkpoint(0) is None
    key_a, key_b = Checkpoint.key(TP("a", 0)), Checkpoint.key(TP("b", 0))
    keys = (key_a, b"row", key_b, b"row", b"\0\0of-no-device", b"row")
    recover(rows, LOG_0, *[ChangelogRecord(key, b"v", offset) for offset, key in enumerate(keys)])
    assert (rows.last_checkpoint(0), rows.last_checkpoint(1)) == (key_b, None)
    recover(rows, LOG_0, ChangelogRecord(b"row", None, 6), start_offset=6)
    assert rows.last_checkpoint(0) == key_b
    rows.apply(LOG_0, [Message(key_a, b"v"), Message(b"row", b"v")], 8, key_a)
    assert rows.last_checkpoint(0) == key_a


async def test_recovery_applies_fetched_batches(backend: StateBackend) -> None:
    rows = await store_of(backend, LOG_0)
    recover(rows, LOG_0, *[ChangelogRecord(*one) for one in ((b"a", b"1", 3), (b"a", b"2", 4), (b"b", b"3", 5))])
    assert (dict(rows.partition(0)), rows.persisted_offset(LOG_0)) == ({b"a": b"2", b"b": b"3"}, 5)


def test_an_iteration_yields_no_key_twice_while_rows_change(backend: StateBackend) -> None:
    rows = backend.open(0)
    keys = [b"key-%05d" % number for number in range(3 * KEYS_PER_ITERATOR)]
    write(rows, *keys)
    yielded = []
    for number, key in enumerate(rows):
        yielded.append(key)
        if number % 500 == 0:
            write(rows, b"key-%05d-new" % number, b"zzz")
            write(rows, keys[-1], value=None)
    assert len(yielded) == len(set(yielded))
    assert set(keys[:-1]) <= set(yielded)


def test_a_sweep_visits_the_rows_of_every_backend(backend: StateBackend) -> None:
    sweep, rows = IncrementalSweep(), backend.open(0)
    keys = {b"key-%05d" % number for number in range(2 * ROWS_PER_BATCH + 1)}
    write(rows, *keys)
    visited = [key for now_ms in range(3) for key in sweep.next_keys(0, rows, now_ms)]
    assert sorted(visited) == sorted(keys)
