"""Seen transactions: hashes of the transaction ids that already have a verdict.

They have a cell of their own, so that pushes do not write it.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from agents.batch import Batch
from agents.rules.publish.short_hash import DIGEST_BYTES, short_hash, split
from agents.rules.state_limits import STATE_LIMITS
from agents.state.position_history import KEY_SEPARATOR

LAYOUT_VERSION: Final = 1

_SEEN: Final = KEY_SEPARATOR + b"judged"


class _Cell(msgspec.Struct, array_like=True):
    """The cell.

    `hashes`: of transaction tokens, oldest first. `received_ms`: latest timestamp of a payment's record.
    """

    version: int = LAYOUT_VERSION
    received_ms: int = 0
    hashes: bytes = b""


_decode = msgspec.msgpack.Decoder(_Cell).decode
_encode = msgspec.msgpack.Encoder().encode


class SeenTransactions:
    """The transactions of one device that already have a verdict."""

    def __init__(self, batch: Batch, key: bytes) -> None:
        self._batch = batch
        self._key = key + _SEEN
        cell = batch.get(self._key)
        self._cell = _Cell() if cell is None else _decode(cell)

    @staticmethod
    def is_cell(key: bytes) -> bool:
        """Return whether the row is such a cell."""
        return key.endswith(_SEEN)

    @property
    def keys(self) -> list[bytes]:
        """The key of the only cell, whether or not it exists."""
        return [self._key]

    @property
    def last_received_ms(self) -> int:
        """The timestamp of the last payment's record, or 0 without a payment."""
        return self._cell.received_ms

    def add(self, transaction: str, at_ms: int, older: Iterable[str] = ()) -> bool:
        """Return whether a transaction token is new, and remember it. `older`: its tokens under older keys."""
        new, known = short_hash(transaction), self._cell.hashes
        names = {new, *map(short_hash, older)}
        if not names.isdisjoint(split(known)):
            return False
        self._cell.hashes = (known + new)[-STATE_LIMITS.transactions_max * DIGEST_BYTES :]
        self._cell.received_ms = max(self._cell.received_ms, at_ms)
        return True

    def save(self) -> None:
        """Write the cell."""
        self._batch.put(self._key, _encode(self._cell))

    def delete(self) -> None:
        """Delete the cell."""
        self._batch.put(self._key, None)
