"""Rows of one partition on disk, in RocksDB.

The changelog is their write-ahead log: what RocksDB had not yet written when the process was killed is read again from
there. Each write is one batch with a note in it of how far the changelog is done: rows and note are true together.
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

_NOTE: Final = b""
"""Its key, before all others: no row has an empty one."""

KEYS_AT_ONCE: Final = 1024
"""An iterator of RocksDB keeps all it can see on disk, so none lives for longer than it takes to name so many."""


class CorruptStoreError(Exception):
    """These files cannot be read, or hold something else."""


class _Note(msgspec.Struct, array_like=True, frozen=True):
    """`tidied_s`: when what is gone was last taken out of the files, epoch seconds by this machine's clock."""

    version: int = LAYOUT_VERSION
    offset: int | None = None
    last_mark: bytes | None = None
    tidied_s: float = 0.0


_decode = msgspec.msgpack.Decoder(_Note).decode
_encode = msgspec.msgpack.Encoder().encode


class RocksDBPartitionStore(PartitionStore):
    """Whatever RocksDB refuses to do ends the process, and has the files thrown away at the next start.

    Files that are damaged stay so: to start again with them would end in the same place.

    Attributes:
        tidied_s: when what is gone was last taken out of the files, epoch seconds.
    """

    def __init__(self, folder: Path, options: Options) -> None:
        """Opens the folder, or makes it.

        Raises:
            UnusableError: it was not made by this class, or is damaged.
        """
        self._folder = folder
        self._writing = WriteOptions()
        self._writing.disable_wal = True  # type: ignore[method-assign, assignment]  # a property, whatever its stub says
        try:
            self._rows: Rdict | None = Rdict(str(folder), options)
        except Exception as error:  # noqa: BLE001 - rocksdict has no class for it
            raise CorruptStoreError(str(error)) from None
        try:
            note = self._read_note()
        except CorruptStoreError:
            self.close()
            raise
        self.offset, self.last_checkpoint, self.compacted_s = note.offset, note.last_mark, note.tidied_s

    def _read_note(self) -> _Note:
        try:
            found = self._open.get(_NOTE)
            if found is None and next(self._open.keys(), None) is None:
                return _Note(tidied_s=time.time())
            note = _decode(found or b"")
        except Exception as error:  # noqa: BLE001 - as above, and whatever may be there instead of a note
            raise CorruptStoreError(str(error)) from None
        if note.version != LAYOUT_VERSION:
            raise CorruptStoreError(f"their layout is {note.version}, not {LAYOUT_VERSION}")
        return note

    def get(self, key: bytes, default: Any = None, /) -> Any:
        rows = self._open
        try:
            return rows.get(key, default)
        except Exception as error:  # noqa: BLE001 - rocksdict has no class for it
            self._give_up(error)

    def __getitem__(self, key: bytes) -> bytes:
        row = self.get(key)
        if row is None:
            raise KeyError(key)
        return bytes(row)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, bytes) and self.get(key) is not None

    def __len__(self) -> int:
        """About so many: to count rows that were overwritten or deleted lately, all would have to be read."""
        return max(0, (self._open.property_int_value("rocksdb.estimate-num-keys") or 0) - 1)

    def __iter__(self) -> Iterator[bytes]:
        """In order; ends early when the rows are closed."""
        after = _NOTE
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
            while found.valid() and len(keys) < KEYS_AT_ONCE:
                keys.append(found.key())
                found.next()
            found.status()  # it is not valid any more at the end, and where the file is damaged
        except Exception as error:  # noqa: BLE001 - rocksdict has no class for it
            self._give_up(error)
        return keys

    def write(self, messages: Iterable[Message], offset: int, last_mark: bytes | None) -> None:
        batch = WriteBatch(raw_mode=True)
        for key, value in messages:
            if not key:
                continue
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        self.offset, self.last_checkpoint = offset, last_mark or self.last_checkpoint
        self._write(batch)

    def _write(self, batch: WriteBatch) -> None:
        note = _Note(offset=self.offset, last_mark=self.last_checkpoint, tidied_s=self.compacted_s)
        batch.put(_NOTE, _encode(note))
        rows = self._open
        try:
            rows.write(batch, self._writing)
        except Exception as error:  # noqa: BLE001 - rocksdict has no class for it
            self._give_up(error)

    def compact(self) -> None:
        """Writes the files anew without what is gone or was overwritten. Blocks for seconds; may run in a thread.

        Must have ended before `close`; `hurry` has it end at once.
        """
        try:
            self._open.compact_range(None, None)
        except Exception as error:  # noqa: BLE001 - rocksdict has no class for it
            self._give_up(error)

    def note_compacted(self) -> None:
        """After `take_out`. RocksDB lists first and last key of a file that is gone until its list changes again."""
        self.compacted_s = time.time()
        self._write(WriteBatch(raw_mode=True))
        try:
            self._open.flush()
        except Exception as error:  # noqa: BLE001 - rocksdict has no class for it
            self._give_up(error)

    def cancel_compaction(self) -> None:
        """Ends what RocksDB does in the background. Nothing but `close` may follow."""
        self._open.cancel_all_background(wait=False)

    def close(self) -> None:
        """Writes to disk what is not there yet; `hurry` has done so already, and RocksDB then minds being closed."""
        rows, self._rows = self._rows, None
        if rows is not None:
            with contextlib.suppress(Exception):
                rows.close()

    @property
    def _open(self) -> Rdict:
        if self._rows is None:
            raise RuntimeError("the partition was taken away")
        return self._rows

    def _give_up(self, error: Exception) -> NoReturn:
        corruption_marker(self._folder).touch()
        fail_stop(f"the rows in {self._folder} can be neither read nor written", error)


def corruption_marker(folder: Path) -> Path:
    """The file that says of a partition's folder beside it that it is damaged."""
    return folder.with_name(f"{folder.name}.broken")
