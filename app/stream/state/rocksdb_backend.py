"""State backend on disk: one folder per table, with one RocksDB folder per partition. One process at a time uses it."""

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
"""Delete the folder of a partition that has not been open for this long. It contains positions, which must be deleted
within a day, and the changelog keeps delete markers for only one day.
"""

COMPACT_EVERY_S: Final = 3600.0
"""Deleted rows leave the files within this time. The changelog has the same limit (`app.provisioning.topics`)."""

WRITE_BUFFERS_SHARE: Final = 0.25
"""Share of the memory that all write buffers may use together."""

WRITE_BUFFER_BYTES: Final = 8 << 20
"""Write buffer of one partition. After a crash its content is read from the changelog again."""

OPEN_FILES_MAX: Final = 128
OWNER_ONLY_UMASK: Final = 0o077


class RocksDBBackend:
    """RocksDB folders of one table.

    One memory limit covers cache, indexes, filters and write buffers of all partitions.
    """

    def __init__(self, folder: Path, memory_bytes: int) -> None:
        self.folder = folder
        self._options = _options(memory_bytes)
        self._open: dict[int, RocksDBPartitionStore] = {}
        self._compacting = asyncio.Lock()
        self._lock: IO[str] | None = None

    def lock(self, cluster: str) -> None:
        """Lock the folder for this process. Delete its rows if they belong to another Kafka cluster than `cluster`.

        From then on only the owner can read the files that this process writes.

        Raises:
            ConfigurationError: another process holds the lock, or the folder cannot be written.
        """
        os.umask(OWNER_ONLY_UMASK)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.chmod(0o700)
            self._lock = (self.folder / "lock").open("a+", encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(
                f"rows cannot be stored in {self.folder} ({error.strerror}): set GEOVELOCITY_STATE_DIR to a writable "
                "folder, or GEOVELOCITY_TABLE_STORE=memory"
            ) from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise ConfigurationError(
                f"another worker uses the rows in {self.folder}: give each worker of a machine a GEOVELOCITY_STATE_DIR "
                "of its own"
            ) from None
        self._keep_rows_of(cluster, self._lock)
        self.delete_expired()

    def _keep_rows_of(self, cluster: str, lock: IO[str]) -> None:
        """Delete rows of another cluster, because their offsets mean nothing in this one. Note the new cluster."""
        lock.seek(0)
        if (before := lock.read()) != cluster:
            if before:
                log.warning("the rows in %s belong to another Kafka cluster and are deleted", self.folder)
            for folder in self._folders():
                _remove(folder)
            lock.truncate(0)
            lock.write(cluster)
            lock.flush()

    def open(self, number: int) -> RocksDBPartitionStore:
        """Return the rows as this worker left them. Delete rows that are damaged, with a warning."""
        folder = self.folder / str(number)
        if corruption_marker(folder).exists():
            self._delete(number, "they were found damaged")
        try:
            rows = RocksDBPartitionStore(folder, self._options)
        except CorruptStoreError as error:
            self._delete(number, str(error))
            rows = self._recreate(folder)
        self._open[number] = rows
        return rows

    def reset(self, number: int) -> RocksDBPartitionStore:
        self._open.pop(number).close()
        self._delete(number, "they are newer than the changelog")
        return self.open(number)

    async def close(self, number: int) -> None:
        """Close a partition. Its files stay for a while, so that recovery is short if it is assigned again soon."""
        rows = self._open.pop(number)
        if self._compacting.locked():
            rows.cancel_compaction()
        async with self._compacting:
            rows.close()
        os.utime(self.folder / str(number))

    async def close_all(self) -> None:
        """Close all partitions and unlock the folder. Without this the next start reads more of the changelog."""
        for number in list(self._open):
            await self.close(number)
        if self._lock is not None:
            self._lock.close()

    async def compact(self) -> None:
        """Delete expired folders, then compact the open partitions that are due, one after the other."""
        self.delete_expired()
        for number in list(self._open):
            rows = self._open.get(number)
            if rows is None or abs(time.time() - rows.compacted_s) < COMPACT_EVERY_S:
                continue
            async with self._compacting:
                if self._open.get(number) is rows:
                    await asyncio.to_thread(rows.compact)
                    if self._open.get(number) is rows:
                        rows.note_compacted()

    def delete_expired(self) -> None:
        """Delete expired partition folders and touch the open ones.

        A folder dated far in the past or in the future counts as expired.
        """
        now_s = time.time()
        for folder in self._folders():
            if int(folder.name) in self._open:
                os.utime(folder)
            elif abs(now_s - folder.stat().st_mtime) > EXPIRE_AFTER_S:
                _remove(folder)

    def _folders(self) -> list[Path]:
        return [folder for folder in self.folder.iterdir() if folder.name.isdecimal()]

    def _delete(self, number: int, why: str) -> None:
        log.warning("rows of partition %d are read from the changelog again: %s", number, why)
        _remove(self.folder / str(number))

    def _recreate(self, folder: Path) -> RocksDBPartitionStore:
        try:
            return RocksDBPartitionStore(folder, self._options)
        except CorruptStoreError as error:
            fail_stop(f"rows cannot be stored in {folder} ({error})")


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    corruption_marker(folder).unlink(missing_ok=True)


def _options(memory_bytes: int) -> Options:
    """Return the options that all partitions share, with one cache that everything counts against.

    By default RocksDB gives each partition a cache of its own. Rows are not compressed: they are packed numbers
    already, and a scan of the files can find plain text that should not be there.
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
    options.set_max_manifest_file_size(1)  # see RocksDBPartitionStore.note_compacted
    options.set_keep_log_file_num(1)
    options.set_max_log_file_size(1 << 20)
    options.set_stats_dump_period_sec(0)
    return options
