"""Position history: the positions of one phone, in several cells so that the one written most stays small.

Every push writes the head cell, which holds the latest points, unsorted. When the head overflows, its points move into
segments of five minutes on a fixed grid, with one point per second. A segment that is too old for late records moves
into the cell of older points and is downsampled. Points that open payments may use keep their density.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final, Protocol

import msgspec

from agents.batch import Batch
from agents.rules.evidence.downsampling import at_ms, best_per_second
from agents.rules.evidence.point_codec import POINT_BYTES, TrackPoint, first_timestamp_ms, pack, unpack
from agents.rules.evidence.selection import (
    KEPT_TIERS,
    Evidence,
    last_before,
    one_per_instant,
    points_to_keep,
    select_evidence,
    summarise_segment,
)
from agents.rules.state_limits import STATE_LIMITS

LAYOUT_VERSION: Final = 3
"""Version of the cells. New fields go to the end of a cell; the version changes if a field changes its meaning."""

HEAD_POINTS_MAX: Final = 64
"""Points in the head cell. The head is written once per point, and a segment once per this many points.

At one point per second both together stay below one kilobyte per point.
"""

_HEAD_BYTES_MAX: Final = HEAD_POINTS_MAX * POINT_BYTES

SEGMENT_MS: Final = 300_000
MINUTE_MS: Final = 60_000
MINUTE_POINTS_MAX: Final = 60  # one per second

NEAR_MS: Final = 300_000
"""Segments this near a moment are read second by second. Exceeds the two finer tiers with their bucket widths."""

DENSE_MS: Final = 1000 * (KEPT_TIERS[1].within_s + KEPT_TIERS[2].bucket_s)
"""Age from which buckets of one and of ten seconds no longer count, except around open payments."""

KEY_SEPARATOR: Final = b"\0"
"""Separator between a device id and the suffix of a cell. No device id contains a zero byte."""

_OLDER: Final = KEY_SEPARATOR + b"older"
_SEGMENT: Final = KEY_SEPARATOR + b"from-%d"


class _Head(msgspec.Struct, array_like=True):
    """The head cell.

    `received_ms`: latest timestamp of a push's record. `newest_ms`: latest time of any point. `segments`: numbers of
    the existing segments. `points`: the latest points, unsorted.
    """

    version: int = LAYOUT_VERSION
    received_ms: int = 0
    newest_ms: int = 0
    segments: list[int] = []
    points: bytes = b""


class _Segment(msgspec.Struct, array_like=True):
    """The points of five minutes. `minutes`: for moments further off. `seconds`: all of them. Both in order of time."""

    minutes: bytes = b""
    seconds: bytes = b""


_decode_head = msgspec.msgpack.Decoder(_Head).decode
_decode_segment = msgspec.msgpack.Decoder(_Segment).decode
_encode = msgspec.msgpack.Encoder().encode


def _merge(segment: _Segment, new: list[TrackPoint]) -> _Segment:
    """Return the segment with further points. Cheap if all of them are later, which is nearly always so.

    The former last point of the segment may remain among its minutes, where one more changes nothing.
    """
    new = list(best_per_second(new))
    minute_ms = new[0].at_ms // MINUTE_MS * MINUTE_MS
    tail = unpack(segment.seconds[-MINUTE_POINTS_MAX * POINT_BYTES :])
    if tail and tail[-1].at_ms // 1000 >= new[0].at_ms // 1000:
        seconds = best_per_second([*unpack(segment.seconds), *new])
        return _Segment(pack(summarise_segment(seconds)), pack(seconds))
    tail = [point for point in tail if point.at_ms >= minute_ms]
    minutes = best_per_second([*unpack(segment.minutes), *summarise_segment([*tail, *new])])
    return _Segment(pack(minutes), segment.seconds + pack(new))


class OpenMoments(Protocol):
    """The times of the open payments, for which the history keeps its points."""

    @property
    def open_ms(self) -> list[float]:
        """The times in epoch milliseconds."""
        ...


class PositionHistory:
    """The positions of one phone while a batch works on them. It is the `Track` of the rule in live judgements."""

    def __init__(self, batch: Batch, key: bytes) -> None:
        self._batch = batch
        self._key = key
        self._older_key = key + _OLDER
        cell = batch.get(key)
        self._head = _Head() if cell is None else _decode_head(cell)

    @property
    def received_ms(self) -> int:
        """The timestamp of the last push's record in epoch milliseconds, or 0 without a push."""
        return self._head.received_ms

    @property
    def newest_ms(self) -> int | None:
        """The time of the newest point, or None without points."""
        return self._head.newest_ms or None

    @property
    def oldest_ms(self) -> int | None:
        """The time of the oldest point, or None without points."""
        begins = [
            first_timestamp_ms(self._older()),
            *(first_timestamp_ms(self._segment(number).seconds) for number in self._segment_numbers),
        ]
        known = [begin for begin in begins if begin is not None]
        return min([*known, *(point.at_ms for point in unpack(self._head.points))], default=None)

    @property
    def keys(self) -> list[bytes]:
        """The keys of all cells, whether or not each exists."""
        return [self._key, self._older_key, *map(self._segment_key, self._segment_numbers)]

    @property
    def _segment_numbers(self) -> list[int]:
        return self._head.segments

    def add(self, points: bytes, newest_ms: int, received_ms: int, open_moments: OpenMoments) -> None:
        """Add packed points in any order and with any repeats.

        The cells depend on the points and their order alone, not on the limits of batches. `newest_ms`: time of the
        newest point. `received_ms`: timestamp of the last push's record.
        """
        head, points = self._head, self._head.points + points
        head.received_ms = max(head.received_ms, received_ms)
        while len(points) > _HEAD_BYTES_MAX:
            moved, points = unpack(points[:_HEAD_BYTES_MAX]), points[_HEAD_BYTES_MAX:]
            head.newest_ms = max(head.newest_ms, *map(at_ms, moved))
            self._append(moved, open_moments)
        head.newest_ms, head.points = max(head.newest_ms, newest_ms), points

    def save(self) -> None:
        """Write the head cell. `add` writes the other cells."""
        self._batch.put(self._key, _encode(self._head))

    def evidence(self, moment_ms: float) -> Evidence:
        """Return the evidence for a payment at that time."""
        points = unpack(self._older() + self._head.points)
        for number in self._segment_numbers:
            segment, begin_ms = self._segment(number), number * SEGMENT_MS
            near = begin_ms - NEAR_MS <= moment_ms <= begin_ms + SEGMENT_MS + NEAR_MS
            points += unpack(segment.seconds if near else segment.minutes)
        return select_evidence(points, moment_ms)

    def dropped_before(self, moment_ms: float) -> bool:
        """Return whether the newest point is so much later that no point of that time is kept."""
        return self._head.newest_ms > moment_ms + STATE_LIMITS.silent_phone_grace_ms

    def last(self, at_us: int) -> TrackPoint | None:
        """Return the last point at or before that time; without one, the first point after it."""
        return last_before(one_per_instant(self._all_points()), at_us)

    def delete_before(self, before_ms: float) -> None:
        """Delete older points. Cheap and without writes if there is none."""
        begin_ms = self.oldest_ms
        if begin_ms is None or begin_ms >= before_ms:
            return
        left = [point for point in self._all_points() if point.at_ms >= before_ms]
        for number in self._segment_numbers:
            self._batch.put(self._segment_key(number), None)
        self._batch.put(self._older_key, None)
        self._head.segments, self._head.points = [], b""
        if left:
            self._append(left, None)
            self.save()
        else:
            self._batch.put(self._key, None)

    def _append(self, points: Iterable[TrackPoint], open_moments: OpenMoments | None) -> None:
        """Move points into segments, and segments that have become old into the older points."""
        by_segment = defaultdict(list)
        for point in points:
            by_segment[point.at_ms // SEGMENT_MS].append(point)
        for number, new in by_segment.items():
            self._batch.put(self._segment_key(number), _encode(_merge(self._segment(number), new)))
        numbers = sorted({*self._segment_numbers, *by_segment})
        dense_from = (self._head.newest_ms - DENSE_MS) // SEGMENT_MS
        self._head.segments = [number for number in numbers if number >= dense_from]
        self._downsample([number for number in numbers if number < dense_from], open_moments)

    def _downsample(self, old: Iterable[int], open_moments: OpenMoments | None) -> None:
        points = []
        for number in old:
            points += unpack(self._segment(number).seconds)
            self._batch.put(self._segment_key(number), None)
        if points:
            open_ms = open_moments.open_ms if open_moments else ()
            kept = points_to_keep([*unpack(self._older()), *points], self._head.newest_ms, open_ms)
            self._batch.put(self._older_key, pack(kept) or None)

    def _all_points(self) -> list[TrackPoint]:
        segments = (self._segment(number).seconds for number in self._segment_numbers)
        return unpack(b"".join([self._older(), *segments, self._head.points]))

    def _older(self) -> bytes:
        return self._batch.get(self._older_key) or b""

    def _segment(self, number: int) -> _Segment:
        cell = self._batch.get(self._segment_key(number))
        return _Segment() if cell is None else _decode_segment(cell)

    def _segment_key(self, number: int) -> bytes:
        return self._key + _SEGMENT % number
