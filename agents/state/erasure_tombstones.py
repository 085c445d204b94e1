"""Erasure tombstones: the recently erased devices of a partition, so that older records stay out.

Payments and positions can arrive late, be sent again, or be queued on their topic while the erasure request overtakes
them. There is one cell per partition with hashes of masked tokens. Only a reader with both the device id and the
masking key can tell whether a device was erased. Without tombstones the check costs one read per batch.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import msgspec

from agents.batch import Batch
from agents.rules.publish.mask import Masker
from agents.rules.publish.short_hash import short_hash
from agents.rules.state_limits import STATE_LIMITS
from agents.state.position_history import KEY_SEPARATOR

LAYOUT_VERSION: Final = 1

TOMBSTONES_KEY: Final = KEY_SEPARATOR + KEY_SEPARATOR + b"forgotten"
"""Key of the cell. No device id begins with a zero byte, and no checkpoint with two."""


class _Cell(msgspec.Struct, array_like=True):
    """The cell. `moments_ms`: time of the erasure, by the short hash of the device's token."""

    version: int = LAYOUT_VERSION
    moments_ms: dict[bytes, int] = {}


_decode = msgspec.msgpack.Decoder(_Cell).decode
_encode = msgspec.msgpack.Encoder().encode
_NONE: Final[Mapping[bytes, int]] = MappingProxyType({})


@lru_cache(256)
def _decoded(cell: bytes) -> Mapping[bytes, int]:
    """Return the content of a cell, cached because every batch reads the same few cells."""
    return MappingProxyType(_decode(cell).moments_ms)


class ErasureTombstones:
    """The erasure tombstones of the partition of a batch."""

    def __init__(self, batch: Batch, masker: Masker) -> None:
        self._batch = batch
        self._masker = masker
        cell = batch.get(TOMBSTONES_KEY)
        self._moments_ms = _NONE if cell is None else _decoded(cell)

    def erased_until_ms(self, device: bytes) -> int:
        """Return the time of the device's last erasure in epoch milliseconds, or 0. Hashes only if tombstones exist."""
        if not self._moments_ms:
            return 0
        return max(self._moments_ms.get(short_hash(token), 0) for token in self._masker.tokens("device", device))

    def add(self, device: bytes, until_ms: int) -> None:
        """Write that the device was erased at a time, in epoch milliseconds. The latest erasure counts."""
        name = short_hash(self._masker.token("device", device))
        self._put({**self._moments_ms, name: max(until_ms, self.erased_until_ms(device))})

    def prune(self, now_ms: int) -> None:
        """Delete tombstones from before the time that an older record can still be on a topic."""
        oldest_ms = now_ms - STATE_LIMITS.tombstones_kept_ms
        kept = {name: moment for name, moment in self._moments_ms.items() if moment > oldest_ms}
        if len(kept) < len(self._moments_ms):
            self._put(kept)

    def _put(self, moments_ms: dict[bytes, int]) -> None:
        self._moments_ms = moments_ms
        self._batch.put(TOMBSTONES_KEY, _encode(_Cell(moments_ms=moments_ms)) if moments_ms else None)
