"""What a phone says: one push with one or more fixes, as it lies on the `locations` topic."""

from typing import Annotated, Final

import msgspec

from schemas.codes.reject import Reject, RejectCode
from schemas.json.identifier import DEVICE_ID, check_device_id
from schemas.json.strict_json import BYTES_MAX, check_bytes, check_structure, explain
from schemas.json.timestamps import FIRST_US, LAST_US

FIXES_MAX: Final = 1000
EpochMs = Annotated[int, msgspec.Meta(ge=FIRST_US // 1000, le=LAST_US // 1000)]
Name = Annotated[str, msgspec.Meta(max_length=128)]


class Fix(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Where the phone was at one moment, WGS-84. Negative, null or absent means unknown, but for coordinates.

    `horizontal_accuracy_m` is about one sigma. `mock` true: the phone itself says that the position is made up.
    """

    at_ms: EpochMs
    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    altitude_m: float | None = None
    speed_mps: float | None = None
    speed_accuracy_mps: float | None = None
    bearing_deg: float | None = None
    bearing_accuracy_deg: float | None = None
    horizontal_accuracy_m: float | None = None
    vertical_accuracy_m: float | None = None
    mock: bool | None = None


class Push(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Fixes of one device in any order. One that comes again, whatever its ids say, adds only what is new in it."""

    device_id: Annotated[str, msgspec.Meta(extra_json_schema={"pattern": DEVICE_ID})]
    fixes: Annotated[tuple[Fix, ...], msgspec.Meta(min_length=1, max_length=FIXES_MAX)]
    session_id: Name | None = None
    message_id: Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None = None
    source: Name | None = None
    received_at_ms: EpochMs | None = None


_decode = msgspec.json.Decoder(Push).decode
_BACKSLASH: Final = 0x5C


def parse_push(value: bytes | None) -> Push | Reject:
    """The push in a record's value, or why it cannot be used. Total: never raises, whatever the bytes."""
    usual = value and value.isascii() and len(value) <= BYTES_MAX
    if not usual and (reject := check_bytes(value)):
        return reject
    assert value is not None  # noqa: S101 - check_bytes refuses None
    try:
        push = _decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return _name_times(explain(error, value), error)
    fixes = len(push.fixes)
    usual = value.count(b'tude"') == 2 * fixes and value.count(b'"at_ms"') == fixes and _BACKSLASH not in value
    # Other spellings than usual, or a coordinate given twice: only a second, slower reading can tell.
    return (None if usual else check_structure(value)) or check_device_id(push.device_id) or push


def encode_push(push: Push) -> bytes:
    """The record value; unknown fields are left out."""
    return msgspec.json.encode(push)


def _name_times(reject: Reject, error: Exception) -> Reject:
    if reject.fields == ("at_ms",) and "`int` >=" in str(error):
        return Reject(RejectCode.TOO_OLD, reject.fields)
    return reject
