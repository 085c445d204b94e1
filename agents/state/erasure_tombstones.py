"""Forgotten: which devices of a partition were forgotten lately, so that what is from before stays out.

Payments and positions may come late, be sent again, or wait on their topic while the request to forget overtakes them.
One cell a partition, of digests of masked tokens: it does not tell who was forgotten, only whether somebody was, to
whoever has the id and the key. Where nobody was, looking costs one read a batch.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import msgspec

from agents.batch import Batch
from agents.rules.publish.mask import Masker
from agents.rules.publish.short_hash import short_hash
from agents.state.position_history import KEY_SEPARATOR

LAYOUT_VERSION: Final = 1

KEPT_MS: Final = 15 * 86_400_000
"""Longer than a record from before can lie on a topic: `init` keeps records for a week, and their segment may need
another one until it is closed.
"""

KEY: Final = KEY_SEPARATOR + KEY_SEPARATOR + b"forgotten"
"""No device id begins with a zero byte, and no mark with two."""


class _Cell(msgspec.Struct, array_like=True):
    """`moments_ms`: by digest of a device's token, up to when it is forgotten."""

    version: int = LAYOUT_VERSION
    moments_ms: dict[bytes, int] = {}


_decode = msgspec.msgpack.Decoder(_Cell).decode
_encode = msgspec.msgpack.Encoder().encode
_NOBODY: Final[Mapping[bytes, int]] = MappingProxyType({})


@lru_cache(256)
def _unpacked(cell: bytes) -> Mapping[bytes, int]:
    """The same few cells are read with every batch."""
    return MappingProxyType(_decode(cell).moments_ms)


class ErasureTombstones:
    """Of the partition that a batch is of."""

    def __init__(self, batch: Batch, masker: Masker) -> None:
        self._batch = batch
        self._masker = masker
        cell = batch.get(KEY)
        self._moments_ms = _NOBODY if cell is None else _unpacked(cell)

    def erased_until_ms(self, device: bytes) -> int:
        """Up to when the device is forgotten, epoch milliseconds; 0: it is not. Hashes only where somebody is."""
        if not self._moments_ms:
            return 0
        return max(self._moments_ms.get(short_hash(token), 0) for token in self._masker.tokens("device", device))

    def add(self, device: bytes, until_ms: int) -> None:
        """Puts into the batch that the device is forgotten up to a moment, epoch milliseconds."""
        name = short_hash(self._masker.token("device", device))
        self._put({**self._moments_ms, name: max(until_ms, self.erased_until_ms(device))})

    def prune(self, now_ms: int) -> None:
        """Takes out of the batch whoever was forgotten so long ago that nothing from before is left anywhere."""
        kept = {name: moment for name, moment in self._moments_ms.items() if moment > now_ms - KEPT_MS}
        if len(kept) < len(self._moments_ms):
            self._put(kept)

    def _put(self, moments_ms: dict[bytes, int]) -> None:
        self._moments_ms = moments_ms
        self._batch.put(KEY, _encode(_Cell(moments_ms=moments_ms)) if moments_ms else None)
