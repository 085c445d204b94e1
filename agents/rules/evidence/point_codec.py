"""Point codec: fixes of a phone as points of 24 bytes each, the form in which rows store them."""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import starmap
from math import inf
from struct import Struct
from typing import Any, Final, NamedTuple

from agents.rules.state_limits import STATE_LIMITS
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

_SPEED_MAX_MPS: Final = STATE_LIMITS.speed_max_mps
_POOR_ACCURACY_M: Final = STATE_LIMITS.poor_accuracy_m


class TrackPoint(NamedTuple):
    """One fix in the resolution of packed points: a centimetre of place, a centimetre per second of speed.

    `accuracy` is one standard deviation in metres, and infinite if unknown, so that points sort by it. The properties
    convert to units and return None for unknown. `mock`: the phone itself reports that the position is invented.
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
    """The usable fixes of pushes, their times, and the faults of used and dropped fixes."""

    __slots__ = ("faults", "moments_ms", "parts")

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.moments_ms: list[int] = []
        self.faults: list[FixFault] = []

    @property
    def points(self) -> bytes:
        """The packed points, one after the other."""
        return b"".join(self.parts)

    def add(self, push: Push, appended_ms: int | None = None, late_before_ms: float = -inf) -> int | None:
        """Pack the usable fixes of a push and return the time of the latest one, or None if there is none.

        Null island and fixes from the future are dropped: they are never evidence. An impossible speed or accuracy
        becomes unknown. So does an accuracy of zero, which some apps send for "none".

        `appended_ms`: timestamp of the push's record, for a push without a time of receipt. `late_before_ms`: older
        fixes are late.
        """
        received_ms = appended_ms if push.received_at_ms is None else push.received_at_ms
        latest_ms = inf if received_ms is None else received_ms + STATE_LIMITS.future_ms
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
            # the common case, inline because it runs for each fix
            if (
                speed is not None
                and accuracy is not None
                and 0 <= speed <= _SPEED_MAX_MPS
                and 0 < accuracy < _POOR_ACCURACY_M
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


def pack_push(push: Push, appended_ms: int | None = None) -> PackedPoints:
    """Return the packed fixes of one push. `appended_ms`: see `PackedPoints.add`."""
    packed = PackedPoints()
    packed.add(push, appended_ms)
    return packed


def pack(points: Iterable[TrackPoint]) -> bytes:
    return b"".join(starmap(_pack, points))


def unpack(packed: bytes) -> list[TrackPoint]:
    """Return the points in the order in which they were packed."""
    # runs for every point of every payment: without the class's own __new__ it takes a third of the time
    return list(map(_new_point, _LAYOUT.iter_unpack(packed)))


def first_timestamp_ms(packed: bytes) -> int | None:
    """Return the time of the point that was packed first, or None if there is no point."""
    return int.from_bytes(packed[:_AT_BYTES], "little", signed=True) if packed else None


def _doubtful(speed: float | None, accuracy: float | None, faults: list[FixFault]) -> tuple[int, float]:
    """Return speed (cm/s) and accuracy (m) of a fix without one of them, or with an impossible or poor value.

    Appends the faults of the fix to `faults`.
    """
    speed_cmps = _SPEED_UNKNOWN
    if speed is not None and speed >= 0:
        if speed <= _SPEED_MAX_MPS:
            speed_cmps = round(speed * _PER_MPS)
        else:
            faults.append(FixFault.SPEED_IMPOSSIBLE)
    if accuracy is None or not 0 < accuracy <= _ACCURACY_MAX_M:
        faults.append(FixFault.ACCURACY_UNKNOWN)
        return speed_cmps, inf
    if accuracy >= _POOR_ACCURACY_M:
        faults.append(FixFault.ACCURACY_POOR)
    return speed_cmps, accuracy
