"""Caretaker: keeps the files of a table in order, beside everything else."""

import logging
from typing import Final

from mode import Service

from app.stream.state.rocksdb_backend import RocksDBBackend

log = logging.getLogger(__name__)

POLL_S: Final = 60.0


class CompactionTask(Service):
    """Looks every minute, as long as the app runs."""

    def __init__(self, files: RocksDBBackend) -> None:
        self._files = files
        super().__init__()

    @Service.task
    async def _care(self) -> None:
        while not self.should_stop:
            try:
                await self._files.compact()
            except OSError as error:
                log.warning("%s could not be kept in order (%s)", self._files.folder, error.strerror)
            await self.sleep(POLL_S)
