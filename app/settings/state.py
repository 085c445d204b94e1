"""Settings of the detector's table, and where local state lies in the state folder."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings


class StateSettings(BaseSettings):
    """State store of the detector."""

    table_store: Literal["memory", "rocksdb"] = Field(
        "memory",
        description="state store of the detector; `rocksdb` keeps it on disk in the state folder, for many devices",
    )
    table_memory_mb: int = Field(
        256, ge=32, le=65_536, description="memory in MiB for RocksDB's cache and write buffers, over all partitions"
    )


def state_store_dir(state_dir: Path) -> Path:
    """Return the folder of the state stores of all workers that use this state folder."""
    return state_dir / "rows"


def local_keys_file(state_dir: Path) -> Path:
    """Return the file of the masking key that this machine generated; `down --erase` deletes it."""
    return state_dir / "local" / "keys"
