"""Rows of one partition on disk, in RocksDB.

The changelog serves as the write-ahead log: after a crash the worker reads from it what RocksDB had not yet flushed.
Each write is one atomic batch that also contains the changelog offset, so rows and offset always agree.
"""

import contextlib
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NoReturn

import msgspec
from rocksdict import Options, Rdict, WriteBatch, WriteOptions

from app.stream.output.producer import Message
from app.stream.safety.fail_stop import fail_stop
from app.stream.state.partition_store import PartitionStore

LAYOUT_VERSION: Final = 1

_METADATA_KEY: Final = b""
"""Key of the metadata. It sorts before all others, and no row has an empty key."""

KEYS_PER_ITERATOR: Final = 1024
"""Keys per RocksDB iterator. An open iterator pins every file it can see, so the iteration uses short ones."""


class CorruptStoreError(Exception):
    """The files are damaged, or another program or version made them."""


class _Metadata(msgspec.Struct, array_like=True, frozen=True):
    """Metadata of a partition. `compacted_s`: last compaction, epoch seconds by this machine's clock."""

    version: int = LAYOUT_VERSION
    offset: int | None = None
    last_checkpoint: bytes | None = None
    compacted_s: float = 0.0


_decode = msgspec.msgpack.Decoder(_Metadata).decode
_encode = msgspec.msgpack.Encoder().encode


class RocksDBPartitionStore(PartitionStore):
    """Rows of one partition in a RocksDB folder.

    An error of RocksDB ends the process and marks the folder as damaged, so that the next start deletes it. A restart
    with the same files would fail again.

    Attributes:
        compacted_s: last compaction, epoch seconds.
    """

    def __init__(self, folder: Path, options: Options) -> None:
        """Open the folder, or create it.

        Raises:
            CorruptStoreError: the folder is damaged, or this class did not create it.
        """
        self._folder = folder
        self._writing = WriteOptions()
        self._writing.disable_wal = True  # type: ignore[method-assign, assignment]  # a property, against its type stub
        try:
            self._rows: Rdict | None = Rdict(str(folder), options)
        except Exception as error:  # noqa: BLE001 - rocksdict has no class for it
            raise CorruptStoreError(str(error)) from None
        try:
            metadata = self._read_metadata()
        except CorruptStoreError:
            self.close()
            raise
        self.offset, self.last_checkpoint = metadata.offset, metadata.last_checkpoint
        self.compacted_s = metadata.compacted_s

    def _read_metadata(self) -> _Metadata:
        try:
            found = self._open.get(_METADATA_KEY)
            if found is None and next(self._open.keys(), None) is None:
                return _Metadata(compacted_s=time.time())
            metadata = _decode(found or b"")
        except Exception as error:  # noqa: BLE001 - as above, and any other value under this key
            raise CorruptStoreError(str(error)) from None
        if metadata.version != LAYOUT_VERSION:
            raise CorruptStoreError(f"their layout is {metadata.version}, not {LAYOUT_VERSION}")
        return metadata

    def get(self, key: bytes, default: Any = None, /) -> Any:
        rows = self._open
        try:
            return rows.get(key, default)
        except Exception as error:  # noqa: BLE001 - rocksdict has no class for it
            self._fail(error)

    def __getitem__(self, key: bytes) -> bytes:
        row = self.get(key)
        if row is None:
            raise KeyError(key)
        return bytes(row)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, bytes) and self.get(key) is not None

    def __len__(self) -> int:
        """Return an estimate. An exact count would have to read all rows, because some were overwritten or deleted."""
        return max(0, (self._open.property_int_value("rocksdb.estimate-num-keys") or 0) - 1)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the keys in order. Ends early when the store is closed."""
        after = _METADATA_KEY
        while keys := self._keys_after(after):
            yield from keys
            after = keys[-1]

    def _keys_after(self, key: bytes) -> list[bytes]:
        rows, keys = self._rows, list[bytes]()
        if rows is None:
            return keys
        try:
            found = rows.iter()
            found.seek(key + b"\0")
            while found.valid() and len(keys) < KEYS_PER_ITERATOR:
                keys.append(found.key())
                found.next()
            found.status()  # the iterator becomes invalid at the end, and also where the file is damaged
        except Exception as error:  # noqa: BLE001 - rocksdict has no class for it
            self._fail(error)
        return keys

    def write(self, messages: Iterable[Message], offset: int, last_checkpoint: bytes | None) -> None:
        batch = WriteBatch(raw_mode=True)
        for key, value in messages:
            if not key:
                continue
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        self.offset, self.last_checkpoint = offset, last_checkpoint or self.last_checkpoint
        self._write(batch)

    def _write(self, batch: WriteBatch) -> None:
        metadata = _Metadata(offset=self.offset, last_checkpoint=self.last_checkpoint, compacted_s=self.compacted_s)
        batch.put(_METADATA_KEY, _encode(metadata))
        rows = self._open
        try:
            rows.write(batch, self._writing)
        except Exception as error:  # noqa: BLE001 - rocksdict has no class for it
            self._fail(error)

    def compact(self) -> None:
        """Rewrite the files without deleted and overwritten rows. Blocks for seconds and may run in a thread.

        It must have ended before `close`. `cancel_compaction` ends it at once.
        """
        try:
            self._open.compact_range(None, None)
        except Exception as error:  # noqa: BLE001 - rocksdict has no class for it
            self._fail(error)

    def note_compacted(self) -> None:
        """Note that `compact` has ended, and flush.

        Until its file list changes again, RocksDB keeps the first and last key of each deleted file.
        """
        self.compacted_s = time.time()
        self._write(WriteBatch(raw_mode=True))
        try:
            self._open.flush()
        except Exception as error:  # noqa: BLE001 - rocksdict has no class for it
            self._fail(error)

    def cancel_compaction(self) -> None:
        """Cancel the background work of RocksDB. Only `close` may follow."""
        self._open.cancel_all_background(wait=False)

    def close(self) -> None:
        """Flush and close.

        Errors are ignored: after `cancel_compaction` RocksDB has already flushed and may reject the close.
        """
        rows, self._rows = self._rows, None
        if rows is not None:
            with contextlib.suppress(Exception):
                rows.close()

    @property
    def _open(self) -> Rdict:
        if self._rows is None:
            raise RuntimeError("the partition was revoked")
        return self._rows

    def _fail(self, error: Exception) -> NoReturn:
        corruption_marker(self._folder).touch()
        fail_stop(f"RocksDB cannot read or write the rows in {self._folder}", error)


def corruption_marker(folder: Path) -> Path:
    """Return the path of the file whose presence marks the partition's folder, beside it, as damaged."""
    return folder.with_name(f"{folder.name}.broken")
