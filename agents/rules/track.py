"""Track: what is remembered of a phone's fixes, packed to 24 bytes each."""

from collections.abc import Iterable
from itertools import starmap
from math import inf
from struct import Struct
from typing import Final, NamedTuple

from schemas.fault import Fault
from schemas.push import Fix, Push

_LAYOUT: Final = Struct("<qiiHHf")
POINT_BYTES: Final = _LAYOUT.size
_AT_BYTES: Final = 8

_new = tuple.__new__

PER_DEGREE: Final = 10_000_000
_PER_MPS: Final = 100
_SPEED_UNKNOWN: Final = 0xFFFF
_ACCURACY_MAX_M: Final = 3e38  # the largest number the layout holds
MOCK: Final = 1

SPEED_MAX_MPS: Final = 350.0
"""Faster than any airliner over ground (jet streams included): the sensor is wrong, the speed unknown."""

POOR_FROM_M: Final = 100.0
"""From this sigma on a position is a network's, not a satellite's, and says nothing of speed."""

FUTURE_MS: Final = 300_000
"""A fix this much later than its push was received has a wrong clock: bad-inputs 29."""


class TrackPoint(NamedTuple):
    """One fix as the rules see it, and as it is packed: a centimetre of place, a centimetre a second of speed.

    `accuracy` is one sigma in metres, infinite where it is unknown: so it ranks as it is. The properties say it in
    units; None: unknown. `mock`: the phone itself says that the position is made up.
    """

    at_ms: int
    latitude_e7: int
    longitude_e7: int
    speed_cmps: int
    flags: int
    accuracy: float

    @property
    def latitude(self) -> float:
        return self.latitude_e7 / PER_DEGREE

    @property
    def longitude(self) -> float:
        return self.longitude_e7 / PER_DEGREE

    @property
    def speed_mps(self) -> float | None:
        return None if self.speed_cmps == _SPEED_UNKNOWN else self.speed_cmps / _PER_MPS

    @property
    def accuracy_m(self) -> float | None:
        return None if self.accuracy == inf else self.accuracy

    @property
    def mock(self) -> bool:
        return bool(self.flags & MOCK)


class Packed(NamedTuple):
    """The usable fixes of pushes with their moments, and what was wrong with them and with those that were left out."""

    parts: list[bytes]
    moments_ms: list[int]
    faults: list[Fault]

    @property
    def points(self) -> bytes:
        """One after the other."""
        return b"".join(self.parts)


def pack_push(push: Push, taken_at_ms: int | None = None, packed: Packed | None = None) -> Packed:
    """Adds the fixes of a push to what is packed. Null island and the future are left out: they are never evidence.

    A speed or accuracy that cannot be true is unknown; so is an accuracy of zero, which some apps send for "none".
    `taken_at_ms`: when the broker took the push, for one that does not say when it was received.
    """
    if packed is None:
        packed = Packed([], [], [])
    received_at_ms = taken_at_ms if push.received_at_ms is None else push.received_at_ms
    latest_ms = inf if received_at_ms is None else received_at_ms + FUTURE_MS
    for fix in push.fixes:
        if fix.latitude == 0 and fix.longitude == 0:
            packed.faults.append(Fault.NULL_ISLAND)
        elif fix.at_ms > latest_ms:
            packed.faults.append(Fault.FUTURE)
        else:
            packed.parts.append(_pack_fix(fix, packed.faults))
            packed.moments_ms.append(fix.at_ms)
    return packed


def pack(points: Iterable[TrackPoint]) -> bytes:
    return b"".join(starmap(_LAYOUT.pack, points))


def unpack(packed: bytes) -> list[TrackPoint]:
    """The points in the order in which they were packed."""
    # the class is called for every point of every payment: without its own __new__ that takes a third of the time
    return [_new(TrackPoint, fields) for fields in _LAYOUT.iter_unpack(packed)]


def at_ms_of_first(packed: bytes) -> int | None:
    """The moment of the point that was packed first."""
    return int.from_bytes(packed[:_AT_BYTES], "little", signed=True) if packed else None


def _pack_fix(fix: Fix, faults: list[Fault]) -> bytes:
    speed, accuracy = fix.speed_mps, fix.horizontal_accuracy_m
    speed_cmps, flags = _SPEED_UNKNOWN, 0
    if speed is not None and speed >= 0:
        if speed <= SPEED_MAX_MPS:
            speed_cmps = round(speed * _PER_MPS)
        else:
            faults.append(Fault.SPEED_IMPOSSIBLE)
    if accuracy is None or not 0 < accuracy <= _ACCURACY_MAX_M:
        faults.append(Fault.ACCURACY_UNKNOWN)
        accuracy = inf
    elif accuracy >= POOR_FROM_M:
        faults.append(Fault.ACCURACY_POOR)
    if fix.mock:
        faults.append(Fault.MOCK)
        flags = MOCK
    latitude_e7, longitude_e7 = round(fix.latitude * PER_DEGREE), round(fix.longitude * PER_DEGREE)
    return _LAYOUT.pack(fix.at_ms, latitude_e7, longitude_e7, speed_cmps, flags, accuracy)
