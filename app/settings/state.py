"""Settings of the table: where a detector keeps its rows."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings


class StateSettings(BaseSettings):
    """A part of the one settings object."""

    table_store: Literal["memory", "rocksdb"] = Field(
        "memory", description="where a detector keeps its rows: rocksdb, on disk in the state folder, for many devices"
    )
    table_memory_mb: int = Field(
        256, ge=32, le=65_536, description="what rocksdb may use for its cache and writes, over all partitions"
    )


def state_store_dir(state_dir: Path) -> Path:
    """Where the workers that use this state folder keep rows on disk."""
    return state_dir / "rows"
