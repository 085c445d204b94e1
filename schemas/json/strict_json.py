"""Bytes to one JSON object, or the reason why not. The only place that decides what JSON is.

msgspec reads strictly (no NaN, no trailing text, no lone surrogates, whole numbers of any size stay whole) but
keeps the last of two equal keys and accepts bad UTF-8 in fields it skips; both are refused here.
"""

import json
import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec

from schemas.codes.reject import Reject, RejectCode

BYTES_MAX = 1_000_000  # a Kafka producer's default limit for a record
DEPTH_MAX = 16

Shape = TypeVar("Shape")

_BACKSLASH: Final = ord("\\")
_BRACKET: Final = ord("[")
_LAST_NAME: Final = re.compile(r"\.(\w+)(?:\[[^\]]*\])*`?$")


def decode_object(value: bytes | None) -> dict[str, Any] | Reject:
    """The object in `value`. Total: any bytes give an object or a reject."""
    if reject := check_bytes(value):
        return reject
    assert value is not None  # noqa: S101 - check_bytes refuses None
    try:
        decoded = msgspec.json.decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return explain(error, value)
    if not isinstance(decoded, dict):
        return Reject(RejectCode.NOT_OBJECT)
    return (None if _is_plain(value, decoded) else check_structure(value)) or decoded


def decode_as(decode: Callable[[bytes], Shape], value: bytes | None) -> Shape | Reject:
    """The same, into a shape that msgspec decodes. It parses twice: where speed matters, doubt by a cheaper look."""
    if reject := check_bytes(value):
        return reject
    assert value is not None  # noqa: S101 - check_bytes refuses None
    try:
        decoded = decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return explain(error, value)
    return check_structure(value) or decoded


def _is_plain(value: bytes, decoded: dict[str, Any]) -> bool:
    """True for nearly every record: no escapes, no arrays, and as many quotes as its names and texts come to.

    A name that stands twice, or within an inner object, would bring quotes of its own.
    """
    texts = len(decoded) + sum(isinstance(item, str) for item in decoded.values())
    return value.count(b'"') == 2 * texts and _BACKSLASH not in value and _BRACKET not in value


def check_bytes(value: bytes | None) -> Reject | None:
    """What can be said before parsing: there, not too long, UTF-8 without a byte order mark."""
    if not value:
        return Reject(RejectCode.EMPTY)
    if len(value) > BYTES_MAX:
        return Reject(RejectCode.TOO_LARGE)
    if value.isascii():
        return None
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return Reject(RejectCode.ENCODING)
    return Reject(RejectCode.ENCODING) if text.startswith("\ufeff") else None


def check_structure(value: bytes) -> Reject | None:
    """Refuses repeated keys and deep nesting in valid JSON. Slow (it parses again): call it when in doubt."""
    try:
        depth = _depth(json.loads(value, object_pairs_hook=_no_repeats))
    except _RepeatedKeyError:
        return Reject(RejectCode.DUPLICATE_KEY)
    except RecursionError:
        return Reject(RejectCode.DEPTH)
    except ValueError:  # a whole number longer than Python converts
        return Reject(RejectCode.RANGE)
    return Reject(RejectCode.DEPTH) if depth > DEPTH_MAX else None


def explain(error: Exception, value: bytes) -> Reject:
    """The reject for what msgspec raised while reading `value`. Its message holds types and paths, never values."""
    if isinstance(error, RecursionError):
        return Reject(RejectCode.DEPTH)
    if isinstance(error, UnicodeDecodeError):
        return Reject(RejectCode.ENCODING)
    message, _, path = str(error).partition(" - at `")
    fields = (name,) if (name := _field(path)) else ()
    if message.startswith("Object missing required field"):
        return Reject(RejectCode.MISSING, (message.split("`")[1],))
    if not isinstance(error, msgspec.ValidationError):
        # msgspec reports half a surrogate pair as input that ends too early
        return Reject(RejectCode.ENCODING if _has_lone_surrogate(value) else RejectCode.NOT_JSON)
    if message.startswith("Expected `object`, got") and not fields:
        return Reject(RejectCode.NOT_OBJECT)
    return Reject(next((code for mark, code in _MARKS if mark in message), RejectCode.TYPE), fields)


# Words of msgspec 0.22's messages; the table of bad inputs in the tests holds it to them.
_MARKS: Final = (
    ("out of range", RejectCode.RANGE),
    ("<=", RejectCode.RANGE),
    (">=", RejectCode.RANGE),
    ("of length", RejectCode.RANGE),
    ("matching regex", RejectCode.PATTERN),
    ("Invalid enum value", RejectCode.PATTERN),
    ("got `null`", RejectCode.MISSING),
)


def _field(path: str) -> str:
    """`$.fixes[...].latitude` as `latitude`; an unknown key comes as `[...]` and is not named."""
    found = _LAST_NAME.search(path)
    return found.group(1) if found else ""


def _has_lone_surrogate(value: bytes) -> bool:
    try:
        json.dumps(json.loads(value), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    except (ValueError, RecursionError):
        return False
    return False


class _RepeatedKeyError(Exception):
    """A key stands twice in one object."""


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _RepeatedKeyError
    return found


def _depth(value: object) -> int:
    """How many objects and arrays lie within each other. Bounded by the recursion limit of the parser before it."""
    deepest, level = 0, [value]
    while level:
        nested = [item for item in level if isinstance(item, dict | list)]
        if not nested:
            return deepest
        deepest += 1
        level = [inner for item in nested for inner in (item.values() if isinstance(item, dict) else item)]
    return deepest
