"""Jars of other engines: pinned with their requirements, stored with the jars of the servers.

`python -m tests.nightly.bench.jars` updates the pins.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from app.settings import Settings
from deploy.local.jars import fetch, folder
from deploy.local.lock import KAFKA, write_lock
from tests.nightly.bench.contestant import Entry, program
from tests.nightly.bench.environment import FOLDER

ECJ: Final = "3.46.100"
FLINK_CONNECTOR: Final = "5.0.0-2.2"
SPARK: Final = "4.1.1"

GROUPS: Final = {
    "kafka_streams": {
        "lib": f"org.apache.kafka:kafka-streams:{KAFKA}+org.slf4j:slf4j-simple:1.7.36",
        "compiler": f"org.eclipse.jdt:ecj:{ECJ}",
    },
    "flink": {"lib": f"org.apache.flink:flink-sql-connector-kafka:{FLINK_CONNECTOR}"},
    "spark": {"lib": f"org.apache.spark:spark-sql-kafka-0-10_2.13:{SPARK}"},
}


def jars_of(engine: str, group: str = "lib") -> Path:
    """Return the folder with one group of an engine's jars. Download all of them if they are new.

    Raises:
        LocalStackError: the registry did not answer, or a file does not match the lock.
    """
    lock = _lock(engine)
    fetch(lock=lock)
    return folder(group, lock)


def program_with_jars(module: str, engine: str, **environment: str) -> Callable[[Settings, str], Awaitable[Entry]]:
    """Return a contestant like `program`, whose environment also names the folder of the engine's jars."""

    async def enter(base: Settings, name: str) -> Entry:
        folder = await asyncio.to_thread(jars_of, engine)
        entry: Entry = await program(module, engine, BENCH_JARS=str(folder), **environment)(base, name)
        return entry

    return enter


def _lock(engine: str) -> Path:
    return FOLDER / f"{engine}.jars"


if __name__ == "__main__":
    for name, groups in GROUPS.items():
        write_lock(_lock(name), groups)
