"""Track: what is remembered of a phone's fixes, packed to 24 bytes each."""

from collections.abc import Iterable
from math import nan
from struct import Struct
from typing import Final, NamedTuple

from schemas.push import Fix, Push

_LAYOUT: Final = Struct("<qiiHHf")
POINT_BYTES: Final = _LAYOUT.size

_DEGREE: Final = 10_000_000  # latitude and longitude are kept to 1e-7 degrees, about a centimetre
_SPEED_UNKNOWN: Final = 0xFFFF
SPEED_MAX_MPS: Final = 350.0
"""Faster than any airliner over ground (jet streams included): the sensor is wrong, the speed unknown."""

FUTURE_MS: Final = 300_000
"""A fix this much later than its push was received has a wrong clock: bad-inputs 29."""

_MOCK: Final = 1


class TrackPoint(NamedTuple):
    """One fix as the rules see it. None: unknown. `mock`: the phone itself says that it is made up."""

    at_ms: int
    latitude: float
    longitude: float
    accuracy_m: float | None
    speed_mps: float | None
    mock: bool


def pack_push(push: Push) -> bytes:
    """The usable fixes of a push, packed. Null island and the future are left out: they are never evidence."""
    latest_ms = None if push.received_at_ms is None else push.received_at_ms + FUTURE_MS
    return b"".join(_pack(fix) for fix in push.fixes if not _never_evidence(fix, latest_ms))


def unpack(packed: bytes) -> list[TrackPoint]:
    """The points in the order in which they were packed."""
    return [
        TrackPoint(
            at_ms,
            latitude / _DEGREE,
            longitude / _DEGREE,
            accuracy if accuracy > 0 else None,
            None if speed == _SPEED_UNKNOWN else speed / 100,
            bool(flags & _MOCK),
        )
        for at_ms, latitude, longitude, speed, flags, accuracy in _LAYOUT.iter_unpack(packed)
    ]


def pack(points: Iterable[TrackPoint]) -> bytes:
    """The inverse of `unpack`."""
    return b"".join(
        _LAYOUT.pack(
            point.at_ms,
            round(point.latitude * _DEGREE),
            round(point.longitude * _DEGREE),
            _SPEED_UNKNOWN if point.speed_mps is None else round(point.speed_mps * 100),
            _MOCK if point.mock else 0,
            nan if point.accuracy_m is None else point.accuracy_m,
        )
        for point in points
    )


def _never_evidence(fix: Fix, latest_ms: int | None) -> bool:
    null_island = fix.latitude == 0 and fix.longitude == 0
    return null_island or (latest_ms is not None and fix.at_ms > latest_ms)


def _pack(fix: Fix) -> bytes:
    speed, accuracy = fix.speed_mps, fix.horizontal_accuracy_m
    return _LAYOUT.pack(
        fix.at_ms,
        round(fix.latitude * _DEGREE),
        round(fix.longitude * _DEGREE),
        _SPEED_UNKNOWN if speed is None or not 0 <= speed <= SPEED_MAX_MPS else round(speed * 100),
        _MOCK if fix.mock else 0,
        # zero is what some apps send for "none"; no receiver is perfect
        nan if accuracy is None or not 0 < accuracy <= _ACCURACY_MAX_M else accuracy,
    )


_ACCURACY_MAX_M: Final = 3e38  # the largest number the layout holds
