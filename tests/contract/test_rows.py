"""What the rows of a table must do wherever they lie, asked of each place."""

import asyncio
import os
import shutil
import stat
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import pytest
from faust.types import TP
from rocksdict import Rdict

from app.errors import ConfigurationError
from app.stream import files as files_module
from app.stream import rows_on_disk, store
from app.stream.files import KEPT_S, TIDY_EVERY_S, Files
from app.stream.mark import Mark
from app.stream.producer import Message
from app.stream.rounds import ROWS_A_BATCH, Rounds
from app.stream.rows import Memory, Place, Rows
from app.stream.rows_on_disk import KEYS_AT_ONCE, broken
from app.stream.slices import Slice
from app.stream.store import PartitionedStore

MEMORY_BYTES = 32 << 20
CLUSTER = "AAAAcluster"
LOG_0, LOG_1 = TP("log", 0), TP("log", 1)


@pytest.fixture(autouse=True)
def _fail_stop_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(reason: str, *_: object, **__: object) -> NoReturn:
        raise RuntimeError(reason)

    for module in (store, rows_on_disk, files_module):
        monkeypatch.setattr(module, "fail_stop", refuse)


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "rows" / "devices"


Claim = Callable[..., Files]
"""Opens the folder as a process of its own would."""


@pytest.fixture
async def claim(folder: Path) -> AsyncIterator[Claim]:
    made: list[Files] = []

    def claimed(folder: Path = folder, cluster: str = CLUSTER) -> Files:
        files = Files(folder, MEMORY_BYTES)
        files.claim(cluster)
        made.append(files)
        return files

    yield claimed
    for files in made:
        await files.close_all()


@pytest.fixture(params=["memory", "rocksdb"])
def place(request: pytest.FixtureRequest, claim: Claim) -> Place:
    return Memory() if request.param == "memory" else claim()


@dataclass(frozen=True)
class ChangelogRecord:
    """As recovery hands it over."""

    key: bytes
    value: bytes | None
    offset: int


class Broker:
    """Of which only the ends of the changelog are asked. Without: they lie beyond everything."""

    def __init__(self, **ends: int) -> None:
        self._ends = ends

    async def highwaters(self, *changelogs: TP) -> dict[TP, int]:
        return {tp: self._ends.get(f"{tp.topic}_{tp.partition}", 1 << 40) for tp in changelogs}


async def store_of(place: Place, *assigned: TP, broker: Broker | None = None) -> PartitionedStore:
    """The store of a worker that has just been given these partitions."""
    table = SimpleNamespace(name="devices", changelog_topic=SimpleNamespace(get_topic_name=lambda: "log"))
    app = SimpleNamespace(consumer=broker or Broker())
    rows = PartitionedStore("memory://", app, table, place=place)
    await rows.on_rebalance({*assigned, TP("locations", 0)}, set(), {*assigned, TP("locations", 0)})
    return rows


def recover(rows: PartitionedStore, changelog: TP, *records: ChangelogRecord, follows: int = 0) -> None:
    message = SimpleNamespace(tp=changelog, value=Slice(follows, records))
    rows.apply_changelog_batch([SimpleNamespace(message=message)], bytes, bytes)


async def test_rows_live_with_their_partition(place: Place) -> None:
    rows = await store_of(place, LOG_0, LOG_1)
    rows.apply(LOG_0, [Message(b"a", b"1")], 5)
    rows.apply(LOG_1, [Message(b"b", b"2")], 7)
    assert (rows.partition(0)[b"a"], rows.partition(0).get(b"b"), b"b" in rows.partition(0)) == (b"1", None, False)
    assert (rows.persisted_offset(LOG_0), rows.persisted_offset(LOG_1)) == (5, 7)
    with pytest.raises(KeyError):
        rows.partition(0)[b"b"]


async def test_a_view_follows_later_changes(place: Place) -> None:
    rows = await store_of(place, LOG_0)
    view = rows.partition(0)
    rows.apply(LOG_0, [Message(b"a", b"1")], 0)
    assert dict(view) == {b"a": b"1"}
    assert rows.count == len(view) == 1


async def test_of_a_partition_that_was_taken_away_nothing_is_seen(place: Place) -> None:
    rows = await store_of(place, LOG_0, LOG_1)
    rows.apply(LOG_0, [Message(b"a", b"1")], 5)
    rows.apply(LOG_1, [Message(b"b", b"2")], 7)
    await rows.on_rebalance({LOG_1}, {LOG_0}, set())
    rows.apply(LOG_0, [Message(b"a", b"2")], 6)
    assert (dict(rows.partition(0)), rows.persisted_offset(LOG_0), rows.last_mark(0)) == ({}, None, None)
    assert (rows.partition(1)[b"b"], rows.persisted_offset(LOG_1)) == (b"2", 7)


async def test_what_comes_back_is_only_as_true_as_its_offset_says(place: Place) -> None:
    """From there on the changelog is read: rows and offset are either those of before or none at all."""
    rows = await store_of(place, LOG_0)
    mark = Mark.key(TP("a", 0))
    rows.apply(LOG_0, [Message(mark, b"m"), Message(b"a", b"1")], 6, mark)
    await rows.on_rebalance(set(), {LOG_0}, set())
    await rows.on_rebalance({LOG_0}, set(), {LOG_0})
    known = (dict(rows.partition(0)), rows.persisted_offset(LOG_0), rows.last_mark(0))
    if isinstance(place, Memory):
        assert known == ({}, None, None)
    else:
        assert known == ({mark: b"m", b"a": b"1"}, 6, mark)


async def test_what_recovery_still_holds_of_a_partition_that_was_taken_away_is_not_taken_for_all_of_it(
    place: Place,
) -> None:
    rows = await store_of(place, LOG_0)
    recover(rows, LOG_0, ChangelogRecord(b"a", b"1", 3))
    await rows.on_rebalance(set(), {LOG_0}, set())
    recover(rows, LOG_0, ChangelogRecord(b"b", b"2", 4))
    await rows.on_rebalance({LOG_0}, set(), {LOG_0})
    assert b"b" not in rows.partition(0)
    assert rows.persisted_offset(LOG_0) in (None, 3)


async def test_a_hole_in_what_recovery_reads_ends_the_process(place: Place) -> None:
    rows = await store_of(place, LOG_0)
    recover(rows, LOG_0, ChangelogRecord(b"a", b"1", 3), follows=0)
    recover(rows, LOG_0, ChangelogRecord(b"a", b"2", 9), follows=4)  # compacted away between
    with pytest.raises(RuntimeError, match="rows before offset 12 of log 0 never came"):
        recover(rows, LOG_0, ChangelogRecord(b"b", b"3", 12), follows=12)


async def test_another_worker_between_what_is_known_and_what_was_written_ends_the_process(place: Place) -> None:
    rows = await store_of(place, LOG_0)
    rows.apply(LOG_0, [Message(b"a", b"1"), Message(b"b", b"1")], 5)
    with pytest.raises(RuntimeError, match="records 6 to 7 of log 0 are not ours"):
        rows.apply(LOG_0, [Message(b"a", b"2"), Message(b"b", b"2")], 9)
    assert (rows.partition(0)[b"a"], rows.persisted_offset(LOG_0)) == (b"1", 5)


async def test_rows_are_never_taken_back_to_what_they_were(place: Place) -> None:
    rows = await store_of(place, LOG_0)
    rows.apply(LOG_0, [Message(b"a", b"2")], 4)
    recover(rows, LOG_0, ChangelogRecord(b"a", b"1", 3), ChangelogRecord(b"a", b"2", 4))
    recover(rows, LOG_0, ChangelogRecord(b"a", b"1", 3))
    assert (dict(rows.partition(0)), rows.persisted_offset(LOG_0)) == ({b"a": b"2"}, 4)


async def test_a_row_without_value_is_gone_and_a_record_without_key_is_no_row(place: Place) -> None:
    rows = await store_of(place, LOG_0)
    rows.apply(LOG_0, [Message(b"a", b"1"), Message(None, b"x"), Message(b"", b"x")], 5)
    rows.apply(LOG_0, [Message(b"a", None), Message(b"never-there", None)], 7)
    assert (dict(rows.partition(0)), rows.persisted_offset(LOG_0)) == ({}, 7)


async def test_the_last_batch_of_a_partition_is_known_by_its_mark_whoever_wrote_it(place: Place) -> None:
    rows = await store_of(place, LOG_0, LOG_1)
    assert rows.last_mark(0) is None
    mark_a, mark_b = Mark.key(TP("a", 0)), Mark.key(TP("b", 0))
    keys = (mark_a, b"row", mark_b, b"row", b"\0\0of-no-device", b"row")
    recover(rows, LOG_0, *[ChangelogRecord(key, b"v", offset) for offset, key in enumerate(keys)])
    assert (rows.last_mark(0), rows.last_mark(1)) == (mark_b, None)
    recover(rows, LOG_0, ChangelogRecord(b"row", None, 6), follows=6)
    assert rows.last_mark(0) == mark_b
    rows.apply(LOG_0, [Message(mark_a, b"v"), Message(b"row", b"v")], 8, mark_a)
    assert rows.last_mark(0) == mark_a


async def test_recovery_applies_slices_of_the_changelog(place: Place) -> None:
    rows = await store_of(place, LOG_0)
    recover(rows, LOG_0, *[ChangelogRecord(*one) for one in ((b"a", b"1", 3), (b"a", b"2", 4), (b"b", b"3", 5))])
    assert (dict(rows.partition(0)), rows.persisted_offset(LOG_0)) == ({b"a": b"2", b"b": b"3"}, 5)


def written(rows: Rows, *keys: bytes, value: bytes | None = b"v") -> None:
    rows.write([Message(key, value) for key in keys], (rows.offset or 0) + len(keys), None)


def test_rows_may_change_while_they_are_named_and_none_is_named_twice(place: Place) -> None:
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


def test_a_round_goes_over_the_rows_of_any_place(place: Place) -> None:
    rounds, rows = Rounds(), place.open(0)
    there = {b"key-%05d" % number for number in range(2 * ROWS_A_BATCH + 1)}
    written(rows, *there)
    named = [key for now_ms in range(3) for key in rounds.next_keys(0, rows, now_ms)]
    assert sorted(named) == sorted(there)


# What only files can do.


@pytest.fixture
def files(claim: Claim) -> Files:
    return claim()


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
    broken(folder).touch()


@pytest.mark.parametrize("spoil", [_cut_short, _no_current, _other_layout, _something_else, _found_damaged])
async def test_files_that_cannot_be_used_are_thrown_away_and_the_log_says_so(
    files: Files, spoil: Spoil, caplog: pytest.LogCaptureFixture
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


async def test_damage_that_is_found_later_ends_the_process_and_the_files_at_the_next_start(files: Files) -> None:
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
    assert (files.open(0).offset, broken(files.folder / "0").exists()) == (None, False)


async def test_rows_of_a_partition_that_was_taken_away_are_not_read(files: Files) -> None:
    rows = files.open(0)
    named = iter(rows)
    await files.close(0)
    with pytest.raises(RuntimeError, match="taken away"):
        rows.get(b"a")
    assert list(named) == []
    assert not broken(files.folder / "0").exists()


async def test_files_that_know_more_than_the_changelog_has_are_thrown_away(
    files: Files, caplog: pytest.LogCaptureFixture
) -> None:
    before = await store_of(files, LOG_0, LOG_1)
    for changelog in (LOG_0, LOG_1):
        before.apply(changelog, [Message(b"a", b"1")], 5)
    await files.close_all()
    rows = await store_of(files, LOG_0, LOG_1, broker=Broker(log_0=5, log_1=6))
    assert [rows.persisted_offset(LOG_0), rows.persisted_offset(LOG_1)] == [None, 5]
    assert (dict(rows.partition(0)), dict(rows.partition(1))) == ({}, {b"a": b"1"})
    assert "the changelog ends before them" in caplog.text


async def test_a_second_process_is_told_what_to_do(files: Files, claim: Claim) -> None:
    with pytest.raises(ConfigurationError, match=r"another worker has the rows in .*GEOVELOCITY_STATE_DIR of its own"):
        claim()
    await files.close_all()
    claim()


def test_a_disk_that_cannot_be_written_is_said_with_what_to_do(tmp_path: Path, claim: Claim) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="GEOVELOCITY_TABLE_STORE=memory"):
        claim(tmp_path / "file" / "rows")


async def test_rows_of_another_cluster_are_thrown_away(files: Files, claim: Claim) -> None:
    written(files.open(0), b"a")
    await files.close_all()
    again = claim()
    assert dict(again.open(0)) == {b"a": b"v"}
    await again.close_all()
    assert dict(claim(cluster="AAAAother").open(0)) == {}


async def test_everything_is_readable_for_its_owner_alone(files: Files) -> None:
    written(files.open(0), b"a")
    await files.close_all()
    found = [files.folder, *files.folder.rglob("*")]
    assert len(found) > 5
    assert [path for path in found if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


async def test_files_that_nobody_keeps_up_go_and_those_in_use_stay(files: Files) -> None:
    for number in range(3):
        written(files.open(number), b"a")
    await files.close(1)
    await files.close(2)
    old_s = time.time() - KEPT_S - 60
    for number in (0, 1):
        os.utime(files.folder / str(number), (old_s, old_s))
    await files.tidy()
    assert sorted(folder.name for folder in files._folders()) == ["0", "2"]
    assert time.time() - (files.folder / "0").stat().st_mtime < 60


def _holding(folder: Path, word: bytes) -> list[str]:
    return [file.name for file in folder.iterdir() if word in file.read_bytes()]


async def _due(rows: rows_on_disk.RowsOnDisk) -> None:
    rows.tidied_s -= TIDY_EVERY_S


async def test_what_is_gone_from_the_rows_is_gone_from_the_files_within_the_hour(files: Files) -> None:
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
    await files.tidy()
    assert _holding(folder, b"SECRET-PLACE"), "it is not due yet"
    await _due(rows)
    await files.tidy()
    assert _holding(folder, b"SECRET-PLACE") == []
    assert [key for key in erased[:-1] if _holding(folder, key)] == []
    assert dict(rows) == {b"a-phone": b"v", b"z-phone": b"v", erased[-1]: b"overwritten"}


async def test_rows_are_read_and_written_while_their_files_are_made_anew_and_a_rebalance_does_not_wait(
    files: Files,
) -> None:
    rows = files.open(0)
    for number in range(60):
        written(rows, *[b"key-%02d-%05d" % (number, one) for one in range(2000)], value=os.urandom(200))
    await _due(rows)
    tidying = asyncio.create_task(files.tidy())
    done = 0
    while not tidying.done():
        written(rows, b"now-%d" % done)
        assert rows.get(b"now-%d" % done) == b"v"
        done += 1
        await asyncio.sleep(0)
    assert done > 3
    await _due(rows)
    offset = rows.offset
    tidying = asyncio.create_task(files.tidy())
    await asyncio.sleep(0.02)
    await files.close(0)
    await tidying
    assert files.open(0).offset == offset
    await files.close(0)
