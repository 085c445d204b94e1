"""The rows of a table without a broker, where they lie on disk, too."""

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

Claim = Callable[..., RocksDBBackend]
"""Opens the folder as a process of its own would."""


class Broker:
    """Of which only the ends of the changelog are asked. Without: they lie beyond everything."""

    def __init__(self, **ends: int) -> None:
        self._ends = ends

    async def highwaters(self, *changelogs: TP) -> dict[TP, int]:
        return {tp: self._ends.get(f"{tp.topic}_{tp.partition}", 1 << 40) for tp in changelogs}


async def store_of(place: StateBackend, *assigned: TP, broker: Broker | None = None) -> ChangelogStore:
    """The store of a worker that has just been given these partitions."""
    table = SimpleNamespace(name="devices", changelog_topic=SimpleNamespace(get_topic_name=lambda: "log"))
    app = SimpleNamespace(consumer=broker or Broker())
    rows = ChangelogStore("memory://", app, table, place=place)
    await rows.on_rebalance({*assigned, TP("locations", 0)}, set(), {*assigned, TP("locations", 0)})
    return rows


def written(rows: PartitionStore, *keys: bytes, value: bytes | None = b"v") -> None:
    """Under all of these keys the same value; None: they go."""
    rows.write([Message(key, value) for key in keys], (rows.offset or 0) + len(keys), None)
