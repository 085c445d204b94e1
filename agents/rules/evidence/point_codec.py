"""Track: what is remembered of a phone's fixes, packed to 24 bytes each."""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import starmap
from math import inf
from struct import Struct
from typing import Any, Final, NamedTuple

from schemas.codes.fix_fault import FixFault
from schemas.push import Push

_LAYOUT: Final = Struct("<qiiHHf")
POINT_BYTES: Final = _LAYOUT.size
_AT_BYTES: Final = 8

_pack = _LAYOUT.pack

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


_new_point: Final[Callable[[Iterable[Any]], TrackPoint]] = partial(tuple.__new__, TrackPoint)


class PackedPoints:
    """The usable fixes of pushes with their moments, and what was wrong with them and with those that were left out."""

    __slots__ = ("faults", "moments_ms", "parts")

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.moments_ms: list[int] = []
        self.faults: list[FixFault] = []

    @property
    def points(self) -> bytes:
        """One after the other."""
        return b"".join(self.parts)

    def add(self, push: Push, taken_at_ms: int | None = None, late_before_ms: float = -inf) -> int | None:
        """Packs the fixes of a push, and returns the latest moment of those that are usable; None: none is.

        Null island and the future are left out: they are never evidence. A speed or accuracy that cannot be true is
        unknown; so is an accuracy of zero, which some apps send for "none". `taken_at_ms`: when the broker took the
        push, for one that does not say when it was received. `late_before_ms`: a fix from before is late.
        """
        received_at_ms = taken_at_ms if push.received_at_ms is None else push.received_at_ms
        latest_ms = inf if received_at_ms is None else received_at_ms + FUTURE_MS
        newest_ms = None
        for fix in push.fixes:
            at_ms, latitude, longitude = fix.at_ms, fix.latitude, fix.longitude
            if latitude == 0 and longitude == 0:
                self.faults.append(FixFault.NULL_ISLAND)
                continue
            if at_ms > latest_ms:
                self.faults.append(FixFault.FUTURE)
                continue
            speed, accuracy, flags = fix.speed_mps, fix.horizontal_accuracy_m, 0
            # nearly every fix is like that, and this is done for each of them
            if (
                speed is not None
                and accuracy is not None
                and 0 <= speed <= SPEED_MAX_MPS
                and 0 < accuracy < POOR_FROM_M
            ):
                speed_cmps = round(speed * _PER_MPS)
            else:
                speed_cmps, accuracy = _doubtful(speed, accuracy, self.faults)
            if fix.mock:
                self.faults.append(FixFault.MOCK)
                flags = MOCK
            if at_ms < late_before_ms:
                self.faults.append(FixFault.TOO_LATE)
            latitude_e7, longitude_e7 = round(latitude * PER_DEGREE), round(longitude * PER_DEGREE)
            self.parts.append(_pack(at_ms, latitude_e7, longitude_e7, speed_cmps, flags, accuracy))
            self.moments_ms.append(at_ms)
            if newest_ms is None or at_ms > newest_ms:
                newest_ms = at_ms
        return newest_ms


def pack_push(push: Push, taken_at_ms: int | None = None) -> PackedPoints:
    """The fixes of one push."""
    packed = PackedPoints()
    packed.add(push, taken_at_ms)
    return packed


def pack(points: Iterable[TrackPoint]) -> bytes:
    return b"".join(starmap(_pack, points))


def unpack(packed: bytes) -> list[TrackPoint]:
    """The points in the order in which they were packed."""
    # the class is called for every point of every payment: without its own __new__ that takes a third of the time
    return list(map(_new_point, _LAYOUT.iter_unpack(packed)))


def first_timestamp_ms(packed: bytes) -> int | None:
    """The moment of the point that was packed first."""
    return int.from_bytes(packed[:_AT_BYTES], "little", signed=True) if packed else None


def _doubtful(speed: float | None, accuracy: float | None, faults: list[FixFault]) -> tuple[int, float]:
    """Centimetres a second and one sigma of a fix that is missing one of them, or says what cannot be or is vague."""
    speed_cmps = _SPEED_UNKNOWN
    if speed is not None and speed >= 0:
        if speed <= SPEED_MAX_MPS:
            speed_cmps = round(speed * _PER_MPS)
        else:
            faults.append(FixFault.SPEED_IMPOSSIBLE)
    if accuracy is None or not 0 < accuracy <= _ACCURACY_MAX_M:
        faults.append(FixFault.ACCURACY_UNKNOWN)
        return speed_cmps, inf
    if accuracy >= POOR_FROM_M:
        faults.append(FixFault.ACCURACY_POOR)
    return speed_cmps, accuracy
