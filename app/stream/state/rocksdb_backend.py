"""Files: the folder of a table on this machine, a folder a partition in it. One process at a time has it."""

import asyncio
import fcntl
import logging
import os
import shutil
import time
from pathlib import Path
from typing import IO, Final

from rocksdict import BlockBasedOptions, Cache, DBCompressionType, Options, WriteBufferManager

from app.errors import ConfigurationError
from app.stream.safety.fail_stop import fail_stop
from app.stream.state.rocksdb_partition import CorruptStoreError, RocksDBPartitionStore, corruption_marker

log = logging.getLogger(__name__)

EXPIRE_AFTER_S: Final = 2 * 3600.0
"""Files that nobody has kept up for so long go: they have positions in them, which must be gone within the day, and the
changelog says only for a day that a row is gone.
"""

COMPACT_EVERY_S: Final = 3600.0
"""Deleted rows leave the files within this time, as they leave the changelog (`app.provisioning.topics`)."""

WRITE_BUFFERS_SHARE: Final = 0.25
WRITE_BUFFER_BYTES: Final = 8 << 20
"""Of one partition: what it holds was not yet written, and is read from the changelog once more after a crash."""

OPEN_FILES_MAX: Final = 128
OWNER_ALONE: Final = 0o077


class RocksDBBackend:
    """What all partitions use of memory is bounded together: cache, indexes, filters and what waits to be written."""

    def __init__(self, folder: Path, memory_bytes: int) -> None:
        self.folder = folder
        self._options = _options(memory_bytes)
        self._open: dict[int, RocksDBPartitionStore] = {}
        self._tidying = asyncio.Lock()
        self._lock: IO[str] | None = None

    def lock(self, cluster: str) -> None:
        """Takes the folder for this process. Rows of another Kafka cluster than `cluster` are thrown away.

        Everything this process writes from then on is readable for its owner alone.

        Raises:
            ConfigurationError: another process has it, or it cannot be written.
        """
        os.umask(OWNER_ALONE)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.chmod(0o700)
            self._lock = (self.folder / "lock").open("a+", encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(
                f"rows cannot be kept in {self.folder} ({error.strerror}): set GEOVELOCITY_STATE_DIR to a folder that "
                "can be written, or GEOVELOCITY_TABLE_STORE=memory"
            ) from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise ConfigurationError(
                f"another worker has the rows in {self.folder}: give each worker of a machine a GEOVELOCITY_STATE_DIR "
                "of its own"
            ) from None
        self._bind(self._lock, cluster)
        self.delete_expired()

    def _bind(self, lock: IO[str], cluster: str) -> None:
        """Offsets mean something in one cluster alone."""
        lock.seek(0)
        if (before := lock.read()) != cluster:
            if before:
                log.warning("the rows in %s are of another Kafka cluster and are thrown away", self.folder)
            for folder in self._folders():
                _remove(folder)
            lock.truncate(0)
            lock.write(cluster)
            lock.flush()

    def open(self, number: int) -> RocksDBPartitionStore:
        """The rows as they were left here. Those that cannot be trusted are thrown away, and the log says so."""
        folder = self.folder / str(number)
        if corruption_marker(folder).exists():
            self._throw_away(number, "they were found damaged")
        try:
            rows = RocksDBPartitionStore(folder, self._options)
        except CorruptStoreError as error:
            self._throw_away(number, str(error))
            rows = self._open_anew(folder)
        self._open[number] = rows
        return rows

    def reset(self, number: int) -> RocksDBPartitionStore:
        self._open.pop(number).close()
        self._throw_away(number, "the changelog ends before them")
        return self.open(number)

    async def close(self, number: int) -> None:
        """They stay for a while: what comes back soon has little to catch up."""
        rows = self._open.pop(number)
        if self._tidying.locked():
            rows.cancel_compaction()
        async with self._tidying:
            rows.close()
        os.utime(self.folder / str(number))

    async def close_all(self) -> None:
        """Lets go of the folder. Without it, more is read from the changelog at the next start."""
        for number in list(self._open):
            await self.close(number)
        if self._lock is not None:
            self._lock.close()

    async def compact(self) -> None:
        """Keeps up the folders that are open, one after the other; removes those that nobody has kept up."""
        self.delete_expired()
        for number in list(self._open):
            rows = self._open.get(number)
            if rows is None or abs(time.time() - rows.compacted_s) < COMPACT_EVERY_S:
                continue
            async with self._tidying:
                if self._open.get(number) is rows:
                    await asyncio.to_thread(rows.compact)
                    if self._open.get(number) is rows:
                        rows.note_compacted()

    def delete_expired(self) -> None:
        """Removes what nobody has kept up, and notes that what is open is. A clock that is far off counts as both."""
        now_s = time.time()
        for folder in self._folders():
            if int(folder.name) in self._open:
                os.utime(folder)
            elif abs(now_s - folder.stat().st_mtime) > EXPIRE_AFTER_S:
                _remove(folder)

    def _folders(self) -> list[Path]:
        return [folder for folder in self.folder.iterdir() if folder.name.isdecimal()]

    def _throw_away(self, number: int, why: str) -> None:
        log.warning("rows of partition %d are read from the changelog anew: %s", number, why)
        _remove(self.folder / str(number))

    def _open_anew(self, folder: Path) -> RocksDBPartitionStore:
        try:
            return RocksDBPartitionStore(folder, self._options)
        except CorruptStoreError as error:
            fail_stop(f"no rows can be kept in {folder} ({error})")


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    corruption_marker(folder).unlink(missing_ok=True)


def _options(memory_bytes: int) -> Options:
    """One cache for all partitions, which everything counts against; RocksDB's own default is one of its own for each.

    Rows are not compressed: they are small numbers already, and what lies in the files can be looked for.
    """
    cache = Cache(memory_bytes)
    table = BlockBasedOptions()
    table.set_block_cache(cache)
    table.set_cache_index_and_filter_blocks(v=True)
    table.set_pin_l0_filter_and_index_blocks_in_cache(v=True)
    table.set_bloom_filter(10, block_based=False)
    options = Options(raw_mode=True)
    options.create_if_missing(create_if_missing=True)
    options.set_block_based_table_factory(table)
    buffers = int(WRITE_BUFFERS_SHARE * memory_bytes)
    options.set_write_buffer_manager(
        WriteBufferManager.new_write_buffer_manager_with_cache(buffers, allow_stall=False, cache=cache)
    )
    options.set_write_buffer_size(WRITE_BUFFER_BYTES)
    options.set_compression_type(DBCompressionType.none())
    options.set_max_open_files(OPEN_FILES_MAX)
    options.set_max_manifest_file_size(1)  # see RowsOnDisk.note_tidied
    options.set_keep_log_file_num(1)
    options.set_max_log_file_size(1 << 20)
    options.set_stats_dump_period_sec(0)
    return options
