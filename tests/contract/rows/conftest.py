"""A folder of rows that several backends lock as processes of their own would. A fail-stop raises instead."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from app.stream.state import changelog_store, rocksdb_backend, rocksdb_partition
from app.stream.state.rocksdb_backend import RocksDBBackend
from tests.support.rows import CLUSTER, MEMORY_BYTES, LockBackend


@pytest.fixture(autouse=True)
def _fail_stop_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(reason: str, *_: object, **__: object) -> NoReturn:
        raise RuntimeError(reason)

    for module in (changelog_store, rocksdb_partition, rocksdb_backend):
        monkeypatch.setattr(module, "fail_stop", refuse)


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "rows" / "devices"


@pytest.fixture
async def lock(folder: Path) -> AsyncIterator[LockBackend]:
    made: list[RocksDBBackend] = []

    def locked(folder: Path = folder, cluster: str = CLUSTER) -> RocksDBBackend:
        backend = RocksDBBackend(folder, MEMORY_BYTES)
        backend.lock(cluster)
        made.append(backend)
        return backend

    yield locked
    for backend in made:
        await backend.close_all()


@pytest.fixture
def backend(lock: LockBackend) -> RocksDBBackend:
    return lock()
