"""Device: what is remembered of one phone, in cells that are written apart so that the busy one stays small.

The head is written with every push: the newest points. The older points, thinned, are written only when the head
overflows; the payments already judged, only with a payment.
"""

from hashlib import blake2b
from typing import Final

import msgspec

from agents.batch import Batch
from agents.rules.history import KEPT_TIERS, Timeline, evidence, thin
from agents.rules.track import POINT_BYTES, TrackPoint, at_ms_of_first, at_ms_of_last, pack, unpack

LAYOUT_VERSION: Final = 1
HEAD_POINTS_MAX: Final = 64
HEAD_POINTS_KEPT: Final = 32
JUDGED_MAX: Final = 256
"""So many payments back a repeated transaction id is recognised."""

_DIGEST_BYTES: Final = 8
_APART: Final = b"\0"
"""No device id has a zero byte, so what follows it names a cell."""
_OLDER: Final = _APART + b"older"
_JUDGED: Final = _APART + b"judged"


class _Head(msgspec.Struct, array_like=True):
    """The newest points. Fields may be added at the end of a cell; the version changes when one changes its meaning.

    `heard_at_ms`: the latest timestamp of a push's record.
    """

    version: int = LAYOUT_VERSION
    heard_at_ms: int = 0
    points: bytes = b""


class _Judged(msgspec.Struct, array_like=True):
    """The payments already judged. `digests`: of their transaction ids, oldest first.

    `at_ms`: the latest timestamp of a payment's record.
    """

    version: int = LAYOUT_VERSION
    at_ms: int = 0
    digests: bytes = b""


_decode_head = msgspec.msgpack.Decoder(_Head).decode
_decode_judged = msgspec.msgpack.Decoder(_Judged).decode
_encode = msgspec.msgpack.Encoder().encode


def device_of(key: bytes) -> bytes | None:
    """Whose cell a row of the table is; None: it is a mark."""
    return key.partition(_APART)[0] or None


class Device:
    """One phone's memory while a batch works on it."""

    def __init__(self, batch: Batch, key: bytes) -> None:
        self._batch = batch
        self._key = key
        self._older_key = key + _OLDER
        self._judged_key = key + _JUDGED
        cell = batch.get(key)
        self._head = _Head() if cell is None else _decode_head(cell)
        self._judged: _Judged | None = None
        self._heard = False

    def add(self, points: bytes, heard_at_ms: int) -> None:
        """Takes in packed points, in any order and with any repeats."""
        if not points:
            return
        self._heard = True
        self._head.heard_at_ms = max(self._head.heard_at_ms, heard_at_ms)
        self._head.points += points
        if len(self._head.points) > HEAD_POINTS_MAX * POINT_BYTES:
            self._move_older_points()

    def evidence(self, at_ms: float) -> list[TrackPoint]:
        """The points a verdict on a payment at that moment may rest on, in order of time."""
        return evidence(self._points(), at_ms)

    def last(self, at_us: int) -> TrackPoint | None:
        """The last point at that moment or before it; the first after it where there is none."""
        return Timeline(self._points()).last(at_us)

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

    def judge_once(self, transaction: str, judged_at_ms: int) -> bool:
        """True the first time a transaction is named."""
        judged = self._judged = self._judged or self._read_judged()
        digest = blake2b(transaction.encode(), digest_size=_DIGEST_BYTES).digest()
        known = judged.digests
        if any(known[at : at + _DIGEST_BYTES] == digest for at in range(0, len(known), _DIGEST_BYTES)):
            return False
        judged.digests = (known + digest)[-JUDGED_MAX * _DIGEST_BYTES :]
        judged.at_ms = max(judged.at_ms, judged_at_ms)
        return True

    def save(self) -> None:
        """Puts what has changed into the batch."""
        if self._heard:
            self._batch.put(self._key, _encode(self._head))
        if self._judged is not None:
            self._batch.put(self._judged_key, _encode(self._judged))

    def forget_positions(self, before_ms: float) -> None:
        """Takes out of the batch what is older. Cheap, and writes nothing, where nothing is."""
        older, head = self._older_points(), self._head.points
        begins = [begin for begin in (at_ms_of_first(older), at_ms_of_first(head)) if begin is not None]
        if not begins or min(begins) >= before_ms:
            return
        self._head.points = _since(before_ms, head)
        self._batch.put(self._key, _encode(self._head) if self._head.points else None)
        if older:
            self._batch.put(self._older_key, _since(before_ms, older) or None)

    def forget_judged(self, before_ms: int) -> None:
        """Takes out of the batch the payments already judged when the last of them is older."""
        if self._batch.get(self._judged_key) is not None and self._read_judged().at_ms < before_ms:
            self._batch.put(self._judged_key, None)

    def _read_judged(self) -> _Judged:
        cell = self._batch.get(self._judged_key)
        return _Judged() if cell is None else _decode_judged(cell)

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
