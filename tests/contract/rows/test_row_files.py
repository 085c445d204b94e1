"""What the files of rows alone can do, and what may happen to them."""

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
from app.stream.state import rocksdb_backend as files_module
from app.stream.state import rocksdb_partition as rows_on_disk
from app.stream.state.rocksdb_backend import COMPACT_EVERY_S, EXPIRE_AFTER_S, RocksDBBackend
from app.stream.state.rocksdb_partition import corruption_marker
from tests.support.rows import LOG_0, LOG_1, MEMORY_BYTES, Broker, Claim, store_of, written

Spoil = Callable[[Path], None]


def _cut_short(folder: Path) -> None:
    for file in folder.glob("*.sst"):
        file.write_bytes(file.read_bytes()[:-20])


def _no_current(folder: Path) -> None:
    (folder / "CURRENT").write_text("nothing\n")


def _other_layout(folder: Path) -> None:
    rows = Rdict(str(folder), files_module._options(MEMORY_BYTES))
    rows[b""] = rows_on_disk._encode(rows_on_disk._Note(version=rows_on_disk.LAYOUT_VERSION + 1, offset=3))
    rows.close()


def _something_else(folder: Path) -> None:
    shutil.rmtree(folder)
    rows = Rdict(str(folder), files_module._options(MEMORY_BYTES))
    rows[b"a"] = b"1"
    rows.close()


def _found_damaged(folder: Path) -> None:
    corruption_marker(folder).touch()


@pytest.mark.parametrize("spoil", [_cut_short, _no_current, _other_layout, _something_else, _found_damaged])
async def test_files_that_cannot_be_used_are_thrown_away_and_the_log_says_so(
    files: RocksDBBackend, spoil: Spoil, caplog: pytest.LogCaptureFixture
) -> None:
    written(files.open(0), b"a")
    await files.close(0)
    spoil(files.folder / "0")
    rows = files.open(0)
    assert (dict(rows), rows.offset) == ({}, None)
    assert "rows of partition 0 are read from the changelog anew" in caplog.text
    written(rows, b"b")
    await files.close(0)
    caplog.clear()
    assert dict(files.open(0)) == {b"b": b"v"}
    assert caplog.text == ""


async def test_damage_that_is_found_later_ends_the_process_and_the_files_at_the_next_start(
    files: RocksDBBackend,
) -> None:
    rows = files.open(0)
    written(rows, *[b"key-%05d" % number for number in range(5000)])
    await files.close(0)
    (file,) = (files.folder / "0").glob("*.sst")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)
    rows = files.open(0)
    with pytest.raises(RuntimeError, match="can be neither read nor written"):
        list(map(rows.get, rows))
    await files.close(0)
    assert (files.open(0).offset, corruption_marker(files.folder / "0").exists()) == (None, False)


async def test_rows_of_a_partition_that_was_taken_away_are_not_read(files: RocksDBBackend) -> None:
    rows = files.open(0)
    named = iter(rows)
    await files.close(0)
    with pytest.raises(RuntimeError, match="taken away"):
        rows.get(b"a")
    assert list(named) == []
    assert not corruption_marker(files.folder / "0").exists()


async def test_files_that_know_more_than_the_changelog_has_are_thrown_away(
    files: RocksDBBackend, caplog: pytest.LogCaptureFixture
) -> None:
    before = await store_of(files, LOG_0, LOG_1)
    for changelog in (LOG_0, LOG_1):
        before.apply(changelog, [Message(b"a", b"1")], 5)
    await files.close_all()
    rows = await store_of(files, LOG_0, LOG_1, broker=Broker(log_0=5, log_1=6))
    assert [rows.persisted_offset(LOG_0), rows.persisted_offset(LOG_1)] == [None, 5]
    assert (dict(rows.partition(0)), dict(rows.partition(1))) == ({}, {b"a": b"1"})
    assert "the changelog ends before them" in caplog.text


async def test_a_second_process_is_told_what_to_do(files: RocksDBBackend, claim: Claim) -> None:
    with pytest.raises(ConfigurationError, match=r"another worker has the rows in .*GEOVELOCITY_STATE_DIR of its own"):
        claim()
    await files.close_all()
    claim()


def test_a_disk_that_cannot_be_written_is_said_with_what_to_do(tmp_path: Path, claim: Claim) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="GEOVELOCITY_TABLE_STORE=memory"):
        claim(tmp_path / "file" / "rows")


async def test_rows_of_another_cluster_are_thrown_away(files: RocksDBBackend, claim: Claim) -> None:
    written(files.open(0), b"a")
    await files.close_all()
    again = claim()
    assert dict(again.open(0)) == {b"a": b"v"}
    await again.close_all()
    assert dict(claim(cluster="AAAAother").open(0)) == {}


async def test_everything_is_readable_for_its_owner_alone(files: RocksDBBackend) -> None:
    written(files.open(0), b"a")
    await files.close_all()
    found = [files.folder, *files.folder.rglob("*")]
    assert len(found) > 5
    assert [path for path in found if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


async def test_files_that_nobody_keeps_up_go_and_those_in_use_stay(files: RocksDBBackend) -> None:
    for number in range(3):
        written(files.open(number), b"a")
    await files.close(1)
    await files.close(2)
    old_s = time.time() - EXPIRE_AFTER_S - 60
    for number in (0, 1):
        os.utime(files.folder / str(number), (old_s, old_s))
    await files.compact()
    assert sorted(folder.name for folder in files._folders()) == ["0", "2"]
    assert time.time() - (files.folder / "0").stat().st_mtime < 60


def _holding(folder: Path, word: bytes) -> list[str]:
    return [file.name for file in folder.iterdir() if word in file.read_bytes()]


async def _due(rows: rows_on_disk.RocksDBPartitionStore) -> None:
    rows.compacted_s -= COMPACT_EVERY_S


async def test_what_is_gone_from_the_rows_is_gone_from_the_files_within_the_hour(files: RocksDBBackend) -> None:
    rows, folder = files.open(0), files.folder / "0"
    erased = [b"erased-%05d" % number for number in range(3000)]
    written(rows, b"a-phone", b"z-phone")
    written(rows, *erased, value=b"SECRET-PLACE" * 20)
    await files.close(0)
    rows = files.open(0)
    assert _holding(folder, b"SECRET-PLACE")
    assert _holding(folder, b"erased-")
    written(rows, *erased[:-1], value=None)
    written(rows, erased[-1], value=b"overwritten")
    await files.compact()
    assert _holding(folder, b"SECRET-PLACE"), "it is not due yet"
    await _due(rows)
    await files.compact()
    assert _holding(folder, b"SECRET-PLACE") == []
    assert [key for key in erased[:-1] if _holding(folder, key)] == []
    assert dict(rows) == {b"a-phone": b"v", b"z-phone": b"v", erased[-1]: b"overwritten"}


async def test_rows_are_read_and_written_while_their_files_are_made_anew_and_a_rebalance_does_not_wait(
    files: RocksDBBackend,
) -> None:
    rows = files.open(0)
    for number in range(60):
        written(rows, *[b"key-%02d-%05d" % (number, one) for one in range(2000)], value=os.urandom(200))
    await _due(rows)
    tidying = asyncio.create_task(files.compact())
    done = 0
    while not tidying.done():
        written(rows, b"now-%d" % done)
        assert rows.get(b"now-%d" % done) == b"v"
        done += 1
        await asyncio.sleep(0)
    assert done > 3
    await _due(rows)
    offset = rows.offset
    tidying = asyncio.create_task(files.compact())
    await asyncio.sleep(0.02)
    await files.close(0)
    await tidying
    assert files.open(0).offset == offset
    await files.close(0)
