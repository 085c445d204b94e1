"""Bytewax: a dataflow that commits no offsets to Kafka. Its progress is read from its recovery store.

The progress is the offsets from which it would resume after a crash: those of the last epoch that every worker passed.
"""

import asyncio
import pickle
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from app.settings import Settings
from tests.nightly.bench.contestant import Entry, program

SOURCE: Final = "bench.source"
LAST_SNAPSHOTS: Final = """
    SELECT ser_change, max(snap_epoch) FROM snaps
    WHERE step_id = ? AND snap_epoch < (
        SELECT min(worker_frontier) FROM fronts WHERE ex_num = (SELECT max(ex_num) FROM fronts)
    )
    GROUP BY state_key
"""


def bytewax(**environment: str) -> Callable[[Settings, str], Awaitable[Entry]]:
    """Return a contestant that runs the dataflow with this environment."""

    async def enter(base: Settings, name: str) -> Entry:
        entry = await program("bytewax_join", "bytewax", **environment)(base, name)
        return replace(entry, progress=partial(_recoverable, base.state_dir / f"{name}-recovery"))

    return enter


async def _recoverable(folder: Path) -> int:
    """Return the number of records that the source has completed. 0: the store does not exist yet."""
    return await asyncio.to_thread(_read, folder)


def _read(folder: Path) -> int:
    store = folder / "part-0.sqlite3"
    if not store.exists():
        return 0
    connection = sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=10)
    try:
        offsets = [pickle.loads(change) for change, _ in connection.execute(LAST_SNAPSHOTS, [SOURCE])]
    except sqlite3.OperationalError:  # its tables do not exist yet
        return 0
    finally:
        connection.close()
    return sum(max(0, offset or 0) for offset in offsets)
