"""The servers' jars: pinned in `jars.lock`, downloaded once, verified, in a cache that all checkouts share."""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.local.errors import LocalStackError

LOCK_FILE = Path(__file__).with_name("jars.lock")
PARALLEL_DOWNLOADS = 8
DOWNLOAD_ATTEMPTS = 3
DOWNLOAD_TIMEOUT_S = 60

Progress = Callable[[int, int], None]
"""A callback with the number of jars in place and the number wanted."""


@dataclass(frozen=True, slots=True)
class Jar:
    """A line of the lock file. `room`: the server, and the folder, that the jar belongs to."""

    room: str
    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        return f"{self.artifact}-{self.version}.jar"

    @property
    def coordinate(self) -> str:
        return f"{self.group}:{self.artifact}:{self.version}"


def cache_dir() -> Path:
    """Return the folder of downloaded jars: `GEOVELOCITY_CACHE`, or the user's cache folder."""
    configured = os.environ.get("GEOVELOCITY_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(configured) if configured else Path(base) / "geovelocity"


def read_lock(path: Path = LOCK_FILE) -> list[Jar]:
    """Return the jars of a lock file."""
    jars = []
    for line in path.read_text(encoding="utf-8").splitlines():
        room, coordinate, sha256 = line.split()
        group, artifact, version = coordinate.split(":")
        jars.append(Jar(room, group, artifact, version, sha256))
    return jars


def folder(room: str, lock: Path = LOCK_FILE) -> Path:
    """Return the folder with the jars of one room. A new lock uses a new folder, named by its digest."""
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    return cache_dir() / f"servers-{digest}" / room


def fetch(progress: Progress = lambda _done, _wanted: None, lock: Path = LOCK_FILE) -> None:
    """Download the missing jars of the lock. Idempotent, also when several processes call it at once.

    Raises:
        LocalStackError: the registry did not answer, or a file has another checksum than the lock.
    """
    jars = {folder(jar.room, lock) / jar.file_name: jar for jar in read_lock(lock)}
    with _locked(cache_dir()):
        missing = [path for path in jars if not path.exists()]
        progress(len(jars) - len(missing), len(jars))
        with ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool:
            downloads = [pool.submit(_put_in_place, jars[path], path) for path in missing]
            for done, download in enumerate(as_completed(downloads), start=len(jars) - len(missing) + 1):
                download.result()
                progress(done, len(jars))


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _put_in_place(jar: Jar, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=cache_dir()) as scratch:
        downloaded = _download(jar, Path(scratch))
        if (found := sha256_of(downloaded)) != jar.sha256:
            raise LocalStackError(
                f"{jar.coordinate} has checksum {found[:12]}… but the lock says {jar.sha256[:12]}…, so it was deleted: "
                "run the command again, and do not trust this registry if it happens twice"
            )
        downloaded.replace(target)


def _download(jar: Jar, scratch: Path) -> Path:
    from jgo.maven import MavenContext  # takes 0.4 s, and only the first run needs it

    context = MavenContext(repo_cache=scratch, timeout=DOWNLOAD_TIMEOUT_S)
    artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact()
    for attempt in range(1, DOWNLOAD_ATTEMPTS + 1):
        try:
            return artifact.resolve()
        except Exception as error:  # jgo raises errors of requests, of urllib3 and its own
            if attempt == DOWNLOAD_ATTEMPTS:
                raise LocalStackError(
                    f"could not download {jar.coordinate} ({type(error).__name__}): "
                    "check the connection to the Maven registry and run the command again"
                ) from error
    raise AssertionError("the last attempt returns or raises")


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Hold a lock on the cache. A second process waits here and then finds everything in place."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
