"""Conversion between RFC 3339 text, epoch seconds and epoch microseconds, always in UTC."""

import re
from datetime import UTC, datetime, timedelta, timezone

from schemas.codes.reject import Reject, RejectCode

FIRST_US = 1_577_836_800_000_000
"""2020-01-01: no earlier payment or fix can be evaluated."""
LAST_US = 4_102_444_800_000_000
"""2100-01-01: a later time has a wrong unit or comes from a broken clock."""

RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ]([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)?", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_epoch_us(value: str | float) -> int | Reject:
    """Convert RFC 3339 text with an offset, or epoch seconds, to epoch microseconds.

    A leap second becomes the last microsecond before it. Digits below a microsecond are cut off.
    """
    moment = _from_text(value) if isinstance(value, str) else _from_seconds(value)
    if isinstance(moment, Reject):
        return moment
    if moment < FIRST_US:
        return Reject(RejectCode.TOO_OLD)
    return moment if moment < LAST_US else Reject(RejectCode.RANGE)


def format_us(epoch_us: int) -> str:
    """Return RFC 3339 text in UTC with milliseconds, or with microseconds if they are not zero."""
    timespec = "microseconds" if epoch_us % 1000 else "milliseconds"
    return (_EPOCH + timedelta(microseconds=epoch_us)).isoformat(timespec=timespec).replace("+00:00", "Z")


def _from_seconds(seconds: float) -> int | Reject:
    if abs(seconds) >= LAST_US * 1000:  # after the year 2100 even in nanoseconds
        return Reject(RejectCode.RANGE)
    if abs(seconds) >= FIRST_US // 1000:  # in seconds it would be after the year 51,000: milliseconds or finer
        return Reject(RejectCode.AMBIGUOUS_UNIT)
    return round(seconds * 1_000_000)


def _from_text(text: str) -> int | Reject:
    match = RFC3339.fullmatch(text)
    if match is None:
        return Reject(RejectCode.DATE)
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    fraction, offset = match.group(7) or "", match.group(8)
    if offset is None:
        return Reject(RejectCode.NO_ZONE)
    microsecond = int(fraction[:6].ljust(6, "0"))
    if second == 60:
        second, microsecond = 59, 999_999
    try:
        zone = _zone(offset)
        moment = datetime(year, month, day, hour, minute, second, microsecond, tzinfo=zone)
        return (moment - _EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        return Reject(RejectCode.DATE)


def _zone(offset: str) -> timezone:
    if offset in "Zz":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[4:6])
    if minutes > 59:
        raise ValueError("offset")
    east = timedelta(hours=hours, minutes=minutes)
    return timezone(-east if offset[0] == "-" else east)
