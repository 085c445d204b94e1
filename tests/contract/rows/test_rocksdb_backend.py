"""RocksDB backend: damage, locks, expiry and compaction of its files."""

import asyncio
import os
import shutil
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from rocksdict import Rdict

from app.errors import ConfigurationError
from app.stream.output.producer import Message
from app.stream.state import rocksdb_backend, rocksdb_partition
from app.stream.state.rocksdb_backend import COMPACT_EVERY_S, EXPIRE_AFTER_S, RocksDBBackend
from app.stream.state.rocksdb_partition import RocksDBPartitionStore, corruption_marker
from tests.support.rows import LOG_0, LOG_1, MEMORY_BYTES, Broker, LockBackend, store_of, write

Damage = Callable[[Path], None]


def _truncated(folder: Path) -> None:
    for file in folder.glob("*.sst"):
        file.write_bytes(file.read_bytes()[:-20])


def _no_current(folder: Path) -> None:
    (folder / "CURRENT").write_text("nothing\n")


def _other_layout(folder: Path) -> None:
    rows = Rdict(str(folder), rocksdb_backend._options(MEMORY_BYTES))
    version = rocksdb_partition.LAYOUT_VERSION + 1
    rows[b""] = rocksdb_partition._encode(rocksdb_partition._Metadata(version=version, offset=3))
    rows.close()


def _other_program(folder: Path) -> None:
    shutil.rmtree(folder)
    rows = Rdict(str(folder), rocksdb_backend._options(MEMORY_BYTES))
    rows[b"a"] = b"1"
    rows.close()


def _marked_as_damaged(folder: Path) -> None:
    corruption_marker(folder).touch()


@pytest.mark.parametrize("damage", [_truncated, _no_current, _other_layout, _other_program, _marked_as_damaged])
async def test_unusable_files_are_deleted_with_a_warning(
    backend: RocksDBBackend, damage: Damage, caplog: pytest.LogCaptureFixture
) -> None:
    write(backend.open(0), b"a")
    await backend.close(0)
    damage(backend.folder / "0")
    rows = backend.open(0)
    assert (dict(rows), rows.offset) == ({}, None)
    assert "rows of partition 0 are read from the changelog again" in caplog.text
    write(rows, b"b")
    await backend.close(0)
    caplog.clear()
    assert dict(backend.open(0)) == {b"b": b"v"}
    assert caplog.text == ""


async def test_damage_found_later_ends_the_process_and_deletes_the_files_at_the_next_start(
    backend: RocksDBBackend,
) -> None:
    rows = backend.open(0)
    write(rows, *[b"key-%05d" % number for number in range(5000)])
    await backend.close(0)
    (file,) = (backend.folder / "0").glob("*.sst")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)
    rows = backend.open(0)
    with pytest.raises(RuntimeError, match="cannot read or write"):
        list(map(rows.get, rows))
    await backend.close(0)
    assert (backend.open(0).offset, corruption_marker(backend.folder / "0").exists()) == (None, False)


async def test_rows_of_a_closed_partition_cannot_be_read(backend: RocksDBBackend) -> None:
    rows = backend.open(0)
    keys = iter(rows)
    await backend.close(0)
    with pytest.raises(RuntimeError, match="revoked"):
        rows.get(b"a")
    assert list(keys) == []
    assert not corruption_marker(backend.folder / "0").exists()


async def test_rows_newer_than_the_changelog_are_deleted(
    backend: RocksDBBackend, caplog: pytest.LogCaptureFixture
) -> None:
    before = await store_of(backend, LOG_0, LOG_1)
    for changelog in (LOG_0, LOG_1):
        before.apply(changelog, [Message(b"a", b"1")], 5)
    await backend.close_all()
    rows = await store_of(backend, LOG_0, LOG_1, broker=Broker(log_0=5, log_1=6))
    assert [rows.persisted_offset(LOG_0), rows.persisted_offset(LOG_1)] == [None, 5]
    assert (dict(rows.partition(0)), dict(rows.partition(1))) == ({}, {b"a": b"1"})
    assert "they are newer than the changelog" in caplog.text


async def test_a_second_process_gets_an_error_with_a_remedy(backend: RocksDBBackend, lock: LockBackend) -> None:
    with pytest.raises(ConfigurationError, match=r"another worker uses the rows in .*GEOVELOCITY_STATE_DIR of its own"):
        lock()
    await backend.close_all()
    lock()


def test_a_folder_that_cannot_be_written_gives_an_error_with_a_remedy(tmp_path: Path, lock: LockBackend) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="GEOVELOCITY_TABLE_STORE=memory"):
        lock(tmp_path / "file" / "rows")


async def test_rows_of_another_cluster_are_deleted(backend: RocksDBBackend, lock: LockBackend) -> None:
    write(backend.open(0), b"a")
    await backend.close_all()
    again = lock()
    assert dict(again.open(0)) == {b"a": b"v"}
    await again.close_all()
    assert dict(lock(cluster="AAAAother").open(0)) == {}


async def test_only_the_owner_can_read_the_files(backend: RocksDBBackend) -> None:
    write(backend.open(0), b"a")
    await backend.close_all()
    found = [backend.folder, *backend.folder.rglob("*")]
    assert len(found) > 5
    assert [path for path in found if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


async def test_expired_folders_are_deleted_and_open_ones_stay(backend: RocksDBBackend) -> None:
    for number in range(3):
        write(backend.open(number), b"a")
    await backend.close(1)
    await backend.close(2)
    old_s = time.time() - EXPIRE_AFTER_S - 60
    for number in (0, 1):
        os.utime(backend.folder / str(number), (old_s, old_s))
    await backend.compact()
    assert sorted(folder.name for folder in backend._folders()) == ["0", "2"]
    assert time.time() - (backend.folder / "0").stat().st_mtime < 60


def _files_with(folder: Path, word: bytes) -> list[str]:
    return [file.name for file in folder.iterdir() if word in file.read_bytes()]


def _make_due(rows: RocksDBPartitionStore) -> None:
    rows.compacted_s -= COMPACT_EVERY_S


async def test_deleted_rows_leave_the_files_within_the_hour(backend: RocksDBBackend) -> None:
    rows, folder = backend.open(0), backend.folder / "0"
    erased = [b"erased-%05d" % number for number in range(3000)]
    write(rows, b"a-phone", b"z-phone")
    write(rows, *erased, value=b"SECRET-PLACE" * 20)
    await backend.close(0)
    rows = backend.open(0)
    assert _files_with(folder, b"SECRET-PLACE")
    assert _files_with(folder, b"erased-")
    write(rows, *erased[:-1], value=None)
    write(rows, erased[-1], value=b"overwritten")
    await backend.compact()
    assert _files_with(folder, b"SECRET-PLACE"), "compaction is not due yet"
    _make_due(rows)
    await backend.compact()
    assert _files_with(folder, b"SECRET-PLACE") == []
    assert [key for key in erased[:-1] if _files_with(folder, key)] == []
    assert dict(rows) == {b"a-phone": b"v", b"z-phone": b"v", erased[-1]: b"overwritten"}


async def test_compaction_blocks_neither_reads_nor_writes_nor_a_rebalance(backend: RocksDBBackend) -> None:
    rows = backend.open(0)
    for number in range(60):
        write(rows, *[b"key-%02d-%05d" % (number, one) for one in range(2000)], value=os.urandom(200))
    _make_due(rows)
    compacting = asyncio.create_task(backend.compact())
    writes = 0
    while not compacting.done():
        write(rows, b"now-%d" % writes)
        assert rows.get(b"now-%d" % writes) == b"v"
        writes += 1
        await asyncio.sleep(0)
    assert writes > 3
    _make_due(rows)
    offset = rows.offset
    compacting = asyncio.create_task(backend.compact())
    await asyncio.sleep(0.02)
    await backend.close(0)
    await compacting
    assert backend.open(0).offset == offset
    await backend.close(0)
