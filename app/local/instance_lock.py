"""Whether `geovelocity up` runs here, and as which process. A lock says so, not a pid file that may be stale."""

import fcntl
import os
from pathlib import Path
from typing import IO


class InstanceLock:
    """One folder of local state; at most one process has it claimed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "up.log"
        self._lock_file = folder / "up.lock"
        self._claimed: IO[str] | None = None

    def claim(self) -> bool:
        """Claims the folder for this process until it ends or releases it. False: another has it."""
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
        self._claimed = file
        return True

    def release(self) -> None:
        if self._claimed is not None:
            self._claimed.close()
            self._claimed = None

    def pid(self) -> int | None:
        """The process that has claimed the folder, or None."""
        try:
            with self._lock_file.open("r+", encoding="ascii") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    return int(file.read() or 0) or None
        except FileNotFoundError:
            pass
        return None
