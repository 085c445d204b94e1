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
from app.stream.failstop import fail_stop
from app.stream.rows_on_disk import RowsOnDisk, UnusableError, broken

log = logging.getLogger(__name__)

KEPT_S: Final = 2 * 3600.0
"""Files that nobody has kept up for so long go: they have positions in them, which must be gone within the day, and the
changelog says only for a day that a row is gone.
"""

TIDY_EVERY_S: Final = 3600.0
"""What is gone from the rows is gone from the files after so long, as from the changelog (`app.provision`)."""

WRITE_BUFFERS_SHARE: Final = 0.25
WRITE_BUFFER_BYTES: Final = 8 << 20
"""Of one partition: what it holds was not yet written, and is read from the changelog once more after a crash."""

OPEN_FILES_MAX: Final = 128
OWNER_ALONE: Final = 0o077


class Files:
    """What all partitions use of memory is bounded together: cache, indexes, filters and what waits to be written."""

    def __init__(self, folder: Path, memory_bytes: int) -> None:
        self.folder = folder
        self._options = _options(memory_bytes)
        self._open: dict[int, RowsOnDisk] = {}
        self._tidying = asyncio.Lock()
        self._lock: IO[str] | None = None

    def claim(self, cluster: str) -> None:
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
        self.sweep()

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

    def open(self, number: int) -> RowsOnDisk:
        """The rows as they were left here. Those that cannot be trusted are thrown away, and the log says so."""
        folder = self.folder / str(number)
        if broken(folder).exists():
            self._throw_away(number, "they were found damaged")
        try:
            rows = RowsOnDisk(folder, self._options)
        except UnusableError as error:
            self._throw_away(number, str(error))
            rows = self._open_anew(folder)
        self._open[number] = rows
        return rows

    def renew(self, number: int) -> RowsOnDisk:
        self._open.pop(number).close()
        self._throw_away(number, "the changelog ends before them")
        return self.open(number)

    async def close(self, number: int) -> None:
        """They stay for a while: what comes back soon has little to catch up."""
        rows = self._open.pop(number)
        if self._tidying.locked():
            rows.hurry()
        async with self._tidying:
            rows.close()
        os.utime(self.folder / str(number))

    async def close_all(self) -> None:
        """Lets go of the folder. Without it, more is read from the changelog at the next start."""
        for number in list(self._open):
            await self.close(number)
        if self._lock is not None:
            self._lock.close()

    async def tidy(self) -> None:
        """Keeps up the folders that are open, one after the other; removes those that nobody has kept up."""
        self.sweep()
        for number in list(self._open):
            rows = self._open.get(number)
            if rows is None or abs(time.time() - rows.tidied_s) < TIDY_EVERY_S:
                continue
            async with self._tidying:
                if self._open.get(number) is rows:
                    await asyncio.to_thread(rows.take_out)
                    if self._open.get(number) is rows:
                        rows.note_tidied()

    def sweep(self) -> None:
        """Removes what nobody has kept up, and notes that what is open is. A clock that is far off counts as both."""
        now_s = time.time()
        for folder in self._folders():
            if int(folder.name) in self._open:
                os.utime(folder)
            elif abs(now_s - folder.stat().st_mtime) > KEPT_S:
                _remove(folder)

    def _folders(self) -> list[Path]:
        return [folder for folder in self.folder.iterdir() if folder.name.isdecimal()]

    def _throw_away(self, number: int, why: str) -> None:
        log.warning("rows of partition %d are read from the changelog anew: %s", number, why)
        _remove(self.folder / str(number))

    def _open_anew(self, folder: Path) -> RowsOnDisk:
        try:
            return RowsOnDisk(folder, self._options)
        except UnusableError as error:
            fail_stop(f"no rows can be kept in {folder} ({error})")


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    broken(folder).unlink(missing_ok=True)


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
