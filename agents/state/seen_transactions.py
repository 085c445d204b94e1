"""Judged: which payments of a device have had their verdict, in a cell of its own. A push does not write it."""

from collections.abc import Iterable
from typing import Final

import msgspec

from agents.batch import Batch
from agents.rules.publish.short_hash import DIGEST_BYTES, short_hash, split
from agents.state.position_history import KEY_SEPARATOR

LAYOUT_VERSION: Final = 1
JUDGED_MAX: Final = 256
"""So many payments back a repeated transaction id is recognised."""

_JUDGED: Final = KEY_SEPARATOR + b"judged"


class _Cell(msgspec.Struct, array_like=True):
    """`digests`: of transaction ids, oldest first. `at_ms`: the latest timestamp of a payment's record."""

    version: int = LAYOUT_VERSION
    at_ms: int = 0
    digests: bytes = b""


_decode = msgspec.msgpack.Decoder(_Cell).decode
_encode = msgspec.msgpack.Encoder().encode


class SeenTransactions:
    """One device's payments that were judged."""

    def __init__(self, batch: Batch, key: bytes) -> None:
        self._batch = batch
        self._key = key + _JUDGED
        cell = batch.get(self._key)
        self._cell = _Cell() if cell is None else _decode(cell)

    @staticmethod
    def is_cell(key: bytes) -> bool:
        """The row of the table is such a cell."""
        return key.endswith(_JUDGED)

    @property
    def cells(self) -> list[bytes]:
        """The key of its only cell, whether or not that is there."""
        return [self._key]

    @property
    def at_ms(self) -> int:
        """When the last payment came, by the clock of the records; 0: never."""
        return self._cell.at_ms

    def add(self, transaction: str, at_ms: int, older: Iterable[str] = ()) -> bool:
        """True the first time a transaction is named. `older`: what it would be called under older keys."""
        new, known = short_hash(transaction), self._cell.digests
        names = {new, *map(short_hash, older)}
        if not names.isdisjoint(split(known)):
            return False
        self._cell.digests = (known + new)[-JUDGED_MAX * DIGEST_BYTES :]
        self._cell.at_ms = max(self._cell.at_ms, at_ms)
        return True

    def save(self) -> None:
        """Puts the cell into the batch."""
        self._batch.put(self._key, _encode(self._cell))

    def forget(self) -> None:
        """Takes the cell out of the batch."""
        self._batch.put(self._key, None)
