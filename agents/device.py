"""Device: what is remembered of one phone, in two cells of the table so that the busy one stays small.

The head cell is written with every push: the newest points and the payments already judged. The other cell holds the
older points, thinned, and is written only when the head overflows.
"""

from hashlib import blake2b
from typing import Final

import msgspec

from agents.batch import Batch
from agents.rules.history import KEPT_TIERS, evidence, thin
from agents.rules.track import POINT_BYTES, TrackPoint, at_ms_of_first, at_ms_of_last, pack, unpack

LAYOUT_VERSION: Final = 1
HEAD_POINTS_MAX: Final = 64
HEAD_POINTS_KEPT: Final = 32
JUDGED_MAX: Final = 256
"""So many payments back a repeated transaction id is recognised."""

_JUDGED_BYTES: Final = 8
_OLDER: Final = b"\0older"


class _Head(msgspec.Struct, array_like=True):
    """The head cell. Fields may be added at the end; the version changes when one changes its meaning.

    `heard_at_ms`: the latest timestamp of a push's record. `judged`: digests of transaction ids, oldest first.
    """

    version: int = LAYOUT_VERSION
    heard_at_ms: int = 0
    points: bytes = b""
    judged: bytes = b""


def is_device(key: bytes) -> bool:
    """Whether a row is the head cell of a device: all others have a zero byte in their key, as no device id does."""
    return b"\0" not in key


_decode = msgspec.msgpack.Decoder(_Head).decode
_encode = msgspec.msgpack.Encoder().encode


class Device:
    """One phone's memory while a batch works on it."""

    def __init__(self, batch: Batch, key: bytes) -> None:
        cell = batch.get(key)
        self._batch = batch
        self._key = key
        self._head = _Head() if cell is None else _decode(cell)

    def add(self, points: bytes, heard_at_ms: int) -> None:
        """Takes in packed points, in any order and with any repeats."""
        self._head.heard_at_ms = max(self._head.heard_at_ms, heard_at_ms)
        self._head.points += points
        if len(self._head.points) > HEAD_POINTS_MAX * POINT_BYTES:
            self._move_older_points()

    def evidence(self, at_ms: float) -> list[TrackPoint]:
        """The points a verdict on a payment at that moment may rest on, in order of time."""
        return evidence(self._points(), at_ms)

    @property
    def oldest_ms(self) -> int | None:
        """The oldest moment of which anything is remembered."""
        return min((point.at_ms for point in self._points()), default=None)

    @property
    def heard_at_ms(self) -> int:
        """When the last push came, epoch milliseconds by the clock of the records; 0: never."""
        return self._head.heard_at_ms

    @property
    def newest_ms(self) -> int | None:
        """The moment of the point that came last, which is the newest of a phone that reports in order."""
        return at_ms_of_last(self._head.points)

    def forget_before(self, at_ms: float) -> bool:
        """Takes out what is older. False: nothing was, so there is nothing to save; cheap to find out."""
        older, head = self._older_points(), self._head.points
        begins = [begin for begin in (at_ms_of_first(older), at_ms_of_first(head)) if begin is not None]
        if not begins or min(begins) >= at_ms:
            return False
        if older:
            self._batch.put(self._older_key, _since(at_ms, older) or None)
        self._head.points = _since(at_ms, head)
        return True

    def judge_once(self, transaction: str) -> bool:
        """True the first time a transaction is named."""
        digest = blake2b(transaction.encode(), digest_size=_JUDGED_BYTES).digest()
        judged = self._head.judged
        if any(judged[at : at + _JUDGED_BYTES] == digest for at in range(0, len(judged), _JUDGED_BYTES)):
            return False
        self._head.judged = (judged + digest)[-JUDGED_MAX * _JUDGED_BYTES :]
        return True

    def save(self) -> None:
        """Puts the head into the batch."""
        self._batch.put(self._key, _encode(self._head))

    @property
    def _older_key(self) -> bytes:
        return self._key + _OLDER

    def _points(self) -> list[TrackPoint]:
        return unpack(self._older_points() + self._head.points)

    def _older_points(self) -> bytes:
        return self._batch.get(self._older_key) or b""

    def _move_older_points(self) -> None:
        points = sorted(unpack(self._head.points), key=lambda point: point.at_ms)
        older = unpack(self._older_points()) + points[:-HEAD_POINTS_KEPT]
        newest_ms = max(points[-1].at_ms, *(point.at_ms for point in older))
        self._batch.put(self._older_key, pack(thin(older, newest_ms, KEPT_TIERS)))
        self._head.points = pack(points[-HEAD_POINTS_KEPT:])


def _since(at_ms: float, packed: bytes) -> bytes:
    return pack(point for point in unpack(packed) if point.at_ms >= at_ms)


class Devices:
    """The devices a batch has touched, each read once and saved once."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._touched: dict[bytes, Device] = {}

    def __getitem__(self, key: bytes) -> Device:
        device = self._touched.get(key)
        if device is None:
            device = self._touched[key] = Device(self._batch, key)
        return device

    def save(self) -> None:
        for device in self._touched.values():
            device.save()
