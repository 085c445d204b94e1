"""Periodic compaction and deletion of RocksDB files."""

import logging
from typing import Final

from mode import Service

from app.stream.state.rocksdb_backend import RocksDBBackend

log = logging.getLogger(__name__)

CHECK_EVERY_S: Final = 60.0


class CompactionTask(Service):
    """Background service that compacts the files of a table when they are due."""

    def __init__(self, backend: RocksDBBackend) -> None:
        self._backend = backend
        super().__init__()

    @Service.task
    async def _run(self) -> None:
        while not self.should_stop:
            try:
                await self._backend.compact()
            except OSError as error:
                log.warning("compaction of %s failed (%s)", self._backend.folder, error.strerror)
            await self.sleep(CHECK_EVERY_S)
