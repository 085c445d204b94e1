"""Strict decoding of bytes to one JSON object, or to a reject. All records and messages are decoded here.

msgspec is strict (no NaN, no trailing text, no lone surrogates, integers of any size stay exact). But it keeps the last
of two equal keys and accepts bad UTF-8 in fields that it skips. This module rejects both.
"""

import json
import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec

from schemas.codes.reject import Reject, RejectCode

BYTES_MAX = 1_000_000
"""Limit of a value's length: a Kafka producer's default limit of a record."""

DEPTH_MAX = 16
"""Limit of nested objects and arrays: no record has more than a few levels."""

Shape = TypeVar("Shape")

_BACKSLASH: Final = ord("\\")
_BRACKET: Final = ord("[")
_LAST_NAME: Final = re.compile(r"\.(\w+)(?:\[[^\]]*\])*`?$")


def decode_object(value: bytes | None) -> dict[str, Any] | Reject:
    """Return the object in `value`, or the reject. Total: no input makes it raise."""
    if reject := check_bytes(value):
        return reject
    assert value is not None  # noqa: S101 - check_bytes rejects None
    try:
        decoded = msgspec.json.decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return explain(error, value)
    if not isinstance(decoded, dict):
        return Reject(RejectCode.NOT_OBJECT)
    return (None if _is_plain(value, decoded) else check_structure(value)) or decoded


def decode_as(
    decode: Callable[[bytes], Shape],
    value: bytes | None,
    check: Callable[[bytes, Shape], Reject | None] | None = None,
) -> Shape | Reject:
    """Decode `value` with a msgspec decoder, or return the reject. Total: no input makes it raise.

    `check` replaces `check_structure`, which parses a second time, where speed matters.
    """
    if reject := check_bytes(value):
        return reject
    assert value is not None  # noqa: S101 - check_bytes rejects None
    try:
        decoded = decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return explain(error, value)
    return (check_structure(value) if check is None else check(value, decoded)) or decoded


def _is_plain(value: bytes, decoded: dict[str, Any]) -> bool:
    """Return True if the object can have neither repeated keys nor nesting, so that one parse is enough.

    That holds for nearly every record: no escapes, no arrays, and the number of quotes that its names and texts need.
    A repeated key or a key of an inner object would add quotes.
    """
    texts = len(decoded) + sum(isinstance(item, str) for item in decoded.values())
    return value.count(b'"') == 2 * texts and _BACKSLASH not in value and _BRACKET not in value


def check_bytes(value: bytes | None) -> Reject | None:
    """Return a reject for a value that is absent, longer than the limit, or not UTF-8 without a byte order mark."""
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
    """Return a reject for repeated keys or deep nesting in valid JSON. Slow, because it parses the value again."""
    try:
        depth = _depth(json.loads(value, object_pairs_hook=_no_repeats))
    except _RepeatedKeyError:
        return Reject(RejectCode.DUPLICATE_KEY)
    except RecursionError:
        return Reject(RejectCode.DEPTH)
    except ValueError:  # more digits than Python converts to an integer
        return Reject(RejectCode.RANGE)
    return Reject(RejectCode.DEPTH) if depth > DEPTH_MAX else None


def explain(error: Exception, value: bytes) -> Reject:
    """Return the reject for an error of msgspec. The error's message contains types and paths, never values."""
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


# Parts of msgspec 0.22's messages. The table of bad inputs in the tests fails if they change.
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
    """Return the last name of a path: `$.fixes[...].latitude` gives `latitude`, an unknown key (`[...]`) gives ""."""
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
    """A repeated key in one object."""


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _RepeatedKeyError
    return found


def _depth(value: object) -> int:
    """Return the depth of nested objects and arrays. The parser's recursion limit bounds it."""
    deepest, level = 0, [value]
    while level:
        nested = [item for item in level if isinstance(item, dict | list)]
        if not nested:
            return deepest
        deepest += 1
        level = [inner for item in nested for inner in (item.values() if isinstance(item, dict) else item)]
    return deepest
