"""Rows of a table without a broker, in memory or on disk."""

from collections.abc import Callable
from types import SimpleNamespace

from faust.types import TP

from app.stream.output.producer import Message
from app.stream.state.changelog_store import ChangelogStore
from app.stream.state.partition_store import PartitionStore, StateBackend
from app.stream.state.rocksdb_backend import RocksDBBackend

MEMORY_BYTES = 32 << 20
CLUSTER = "AAAAcluster"
LOG_0, LOG_1 = TP("log", 0), TP("log", 1)

LockBackend = Callable[..., RocksDBBackend]
"""Opens and locks the folder as a process of its own would."""


class Broker:
    """A broker that returns the ends of the changelog: `log_0=5`. Others end beyond every offset of a test."""

    def __init__(self, **ends: int) -> None:
        self._ends = ends

    async def highwaters(self, *changelogs: TP) -> dict[TP, int]:
        return {tp: self._ends.get(f"{tp.topic}_{tp.partition}", 1 << 40) for tp in changelogs}


async def store_of(backend: StateBackend, *assigned: TP, broker: Broker | None = None) -> ChangelogStore:
    """Return the store of a worker that was just assigned these changelog partitions."""
    table = SimpleNamespace(name="devices", changelog_topic=SimpleNamespace(get_topic_name=lambda: "log"))
    app = SimpleNamespace(consumer=broker or Broker())
    rows = ChangelogStore("memory://", app, table, backend=backend)
    await rows.on_rebalance({*assigned, TP("locations", 0)}, set(), {*assigned, TP("locations", 0)})
    return rows


def write(rows: PartitionStore, *keys: bytes, value: bytes | None = b"v") -> None:
    """Write the same value under each of these keys. None deletes them."""
    rows.write([Message(key, value) for key in keys], (rows.offset or 0) + len(keys), None)
