"""Memory: the positions of one phone, in cells that are written apart so that the busy one stays small.

The head is written with every push: the points that came last, unsorted. When it overflows they move into stretches of
five minutes on a fixed grid, one point a second. A stretch that is older than anything that may still come moves on
into the cell of older points, thinned; what open payments may rest on stays as dense as it was.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final, Protocol

import msgspec

from agents.batch import Batch
from agents.rules.evidence.downsampling import at_ms, best_per_second
from agents.rules.evidence.point_codec import POINT_BYTES, TrackPoint, first_timestamp_ms, pack, unpack
from agents.rules.evidence.selection import (
    EVIDENCE_S,
    KEPT_TIERS,
    LATENESS_S,
    Evidence,
    last_before,
    one_per_instant,
    points_to_keep,
    select_evidence,
    summarise_segment,
)

LAYOUT_VERSION: Final = 3
HEAD_POINTS_MAX: Final = 64
"""The head is written once a point, a stretch once in so many points: under a kilobyte a point at one a second."""

_HEAD_BYTES_MAX: Final = HEAD_POINTS_MAX * POINT_BYTES

SEGMENT_MS: Final = 300_000
MINUTE_MS: Final = 60_000
MINUTE_POINTS_MAX: Final = 60  # one a second

NEAR_MS: Final = 300_000
"""Stretches so near a moment are looked at second by second: more than the finer tiers with their buckets' widths."""

DENSE_MS: Final = 1000 * (KEPT_TIERS[1].within_s + KEPT_TIERS[2].bucket_s)
"""Older than that, no second and no ten seconds count for themselves, except around open payments."""

KEY_SEPARATOR: Final = b"\0"
"""No device id has a zero byte, so what follows it names a cell."""

_OLDER: Final = KEY_SEPARATOR + b"older"
_STRETCH: Final = KEY_SEPARATOR + b"from-%d"


class _Head(msgspec.Struct, array_like=True):
    """Fields may be added at the end of a cell; the version changes when one changes its meaning.

    `heard_at_ms`: the latest timestamp of a push's record. `newest_ms`: the latest moment of any point. `stretches`:
    the numbers of those that exist.
    """

    version: int = LAYOUT_VERSION
    heard_at_ms: int = 0
    newest_ms: int = 0
    stretches: list[int] = []
    points: bytes = b""


class _Segment(msgspec.Struct, array_like=True):
    """`minutes`: what is looked at where it is not near. `seconds`: all that is kept. Both in order of time."""

    minutes: bytes = b""
    seconds: bytes = b""


_decode_head = msgspec.msgpack.Decoder(_Head).decode
_decode_stretch = msgspec.msgpack.Decoder(_Segment).decode
_encode = msgspec.msgpack.Encoder().encode


def _joined(stretch: _Segment, new: list[TrackPoint]) -> _Segment:
    """The stretch with further points. Cheap where they all come after it, as nearly always.

    What was the last point of the stretch may stay among its minutes; one more there changes nothing.
    """
    new = list(best_per_second(new))
    minute_ms = new[0].at_ms // MINUTE_MS * MINUTE_MS
    tail = unpack(stretch.seconds[-MINUTE_POINTS_MAX * POINT_BYTES :])
    if tail and tail[-1].at_ms // 1000 >= new[0].at_ms // 1000:
        seconds = best_per_second([*unpack(stretch.seconds), *new])
        return _Segment(pack(summarise_segment(seconds)), pack(seconds))
    tail = [point for point in tail if point.at_ms >= minute_ms]
    minutes = best_per_second([*unpack(stretch.minutes), *summarise_segment([*tail, *new])])
    return _Segment(pack(minutes), stretch.seconds + pack(new))


class OpenMoments(Protocol):
    """Who knows which payments are open."""

    @property
    def open_ms(self) -> list[float]:
        """Their moments."""
        ...


class PositionHistory:
    """One phone's positions while a batch works on it."""

    def __init__(self, batch: Batch, key: bytes) -> None:
        self._batch = batch
        self._key = key
        self._older_key = key + _OLDER
        cell = batch.get(key)
        self._head = _Head() if cell is None else _decode_head(cell)

    @property
    def received_ms(self) -> int:
        """When the last push came, epoch milliseconds by the clock of the records; 0: never."""
        return self._head.heard_at_ms

    @property
    def newest_ms(self) -> int | None:
        """The latest moment of any point; None: none is remembered."""
        return self._head.newest_ms or None

    @property
    def oldest_ms(self) -> int | None:
        """The oldest moment of which anything is remembered."""
        begins = [
            first_timestamp_ms(self._older()),
            *(first_timestamp_ms(self._stretch(at).seconds) for at in self._numbers),
        ]
        known = [begin for begin in begins if begin is not None]
        return min([*known, *(point.at_ms for point in unpack(self._head.points))], default=None)

    @property
    def cells(self) -> list[bytes]:
        """The keys of all its cells, whether or not each is there."""
        return [self._key, self._older_key, *map(self._stretch_key, self._numbers)]

    @property
    def _numbers(self) -> list[int]:
        return self._head.stretches

    def add(self, points: bytes, newest_ms: int, heard_at_ms: int, book: OpenMoments) -> None:
        """Takes in packed points, in any order and with any repeats. `newest_ms`: the latest moment of any point.

        What is where afterwards depends on the points and their order alone, not on how batches cut them.
        """
        head, points = self._head, self._head.points + points
        head.heard_at_ms = max(head.heard_at_ms, heard_at_ms)
        while len(points) > _HEAD_BYTES_MAX:
            moved, points = unpack(points[:_HEAD_BYTES_MAX]), points[_HEAD_BYTES_MAX:]
            head.newest_ms = max(head.newest_ms, *map(at_ms, moved))
            self._append(moved, book)
        head.newest_ms, head.points = max(head.newest_ms, newest_ms), points

    def save(self) -> None:
        """Puts the head into the batch; the other cells are there already."""
        self._batch.put(self._key, _encode(self._head))

    def evidence(self, moment_ms: float) -> Evidence:
        """What a verdict on a payment at that moment rests on."""
        points = unpack(self._older() + self._head.points)
        for number in self._numbers:
            stretch, begin_ms = self._stretch(number), number * SEGMENT_MS
            near = begin_ms - NEAR_MS <= moment_ms <= begin_ms + SEGMENT_MS + NEAR_MS
            points += unpack(stretch.seconds if near else stretch.minutes)
        return select_evidence(points, moment_ms)

    def dropped_before(self, moment_ms: float) -> bool:
        """The moment is so long ago, seen from the newest point, that nothing was kept of it."""
        return self._head.newest_ms > moment_ms + 1000 * (EVIDENCE_S + LATENESS_S)

    def last(self, at_us: int) -> TrackPoint | None:
        """The last point at that moment or before it; the first after it where there is none."""
        return last_before(one_per_instant(self._all_points()), at_us)

    def forget(self, before_ms: float) -> None:
        """Takes out of the batch what is older. Cheap, and writes nothing, where nothing is."""
        begin_ms = self.oldest_ms
        if begin_ms is None or begin_ms >= before_ms:
            return
        left = [point for point in self._all_points() if point.at_ms >= before_ms]
        for number in self._numbers:
            self._batch.put(self._stretch_key(number), None)
        self._batch.put(self._older_key, None)
        self._head.stretches, self._head.points = [], b""
        if left:
            self._append(left, None)
            self.save()
        else:
            self._batch.put(self._key, None)

    def _append(self, points: Iterable[TrackPoint], book: OpenMoments | None) -> None:
        """Files points into stretches, and stretches that have become old among the older points."""
        by_stretch = defaultdict(list)
        for point in points:
            by_stretch[point.at_ms // SEGMENT_MS].append(point)
        for number, new in by_stretch.items():
            self._batch.put(self._stretch_key(number), _encode(_joined(self._stretch(number), new)))
        numbers = sorted({*self._numbers, *by_stretch})
        dense_from = (self._head.newest_ms - DENSE_MS) // SEGMENT_MS
        self._head.stretches = [number for number in numbers if number >= dense_from]
        self._downsample([number for number in numbers if number < dense_from], book)

    def _downsample(self, old: Iterable[int], book: OpenMoments | None) -> None:
        points = []
        for number in old:
            points += unpack(self._stretch(number).seconds)
            self._batch.put(self._stretch_key(number), None)
        if points:
            kept = points_to_keep([*unpack(self._older()), *points], self._head.newest_ms, book.open_ms if book else ())
            self._batch.put(self._older_key, pack(kept) or None)

    def _all_points(self) -> list[TrackPoint]:
        packed = [self._older(), *(self._stretch(number).seconds for number in self._numbers), self._head.points]
        return unpack(b"".join(packed))

    def _older(self) -> bytes:
        return self._batch.get(self._older_key) or b""

    def _stretch(self, number: int) -> _Segment:
        cell = self._batch.get(self._stretch_key(number))
        return _Segment() if cell is None else _decode_stretch(cell)

    def _stretch_key(self, number: int) -> bytes:
        return self._key + _STRETCH % number
