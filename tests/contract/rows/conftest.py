"""A folder of rows, which processes of their own would open; and what ends a process raises."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from app.stream.state import changelog_store as store
from app.stream.state import rocksdb_backend as files_module
from app.stream.state import rocksdb_partition as rows_on_disk
from app.stream.state.rocksdb_backend import RocksDBBackend
from tests.support.rows import CLUSTER, MEMORY_BYTES, Claim


@pytest.fixture(autouse=True)
def _fail_stop_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(reason: str, *_: object, **__: object) -> NoReturn:
        raise RuntimeError(reason)

    for module in (store, rows_on_disk, files_module):
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
async def claim(folder: Path) -> AsyncIterator[Claim]:
    made: list[RocksDBBackend] = []

    def claimed(folder: Path = folder, cluster: str = CLUSTER) -> RocksDBBackend:
        files = RocksDBBackend(folder, MEMORY_BYTES)
        files.lock(cluster)
        made.append(files)
        return files

    yield claimed
    for files in made:
        await files.close_all()


@pytest.fixture
def files(claim: Claim) -> RocksDBBackend:
    return claim()
