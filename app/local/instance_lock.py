"""The lock that tells whether `geovelocity up` runs here, and as which process. A pid file alone could be stale."""

import fcntl
import os
from pathlib import Path
from typing import IO


class InstanceLock:
    """A file lock on one folder of local state. At most one process holds it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "up.log"
        self._lock_file = folder / "up.lock"
        self._held: IO[str] | None = None

    def claim(self) -> bool:
        """Lock the folder until this process ends or releases it. Return False when another process holds it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self._lock_file.open("a+", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._held = file
        return True

    def release(self) -> None:
        """Unlock the folder. Do nothing when this process does not hold it."""
        if self._held is not None:
            self._held.close()
            self._held = None

    def pid(self) -> int | None:
        """Return the id of the process that holds the lock, or None."""
        try:
            with self._lock_file.open("r+", encoding="ascii") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    return int(file.read() or 0) or None
        except FileNotFoundError:
            pass
        return None
