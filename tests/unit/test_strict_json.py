"""What counts as one JSON object."""

import pytest

from schemas.reject import Reject, RejectCode
from schemas.strict_json import BYTES_MAX, DEPTH_MAX, decode_object

REFUSED = [
    ("no value", None, RejectCode.EMPTY),
    ("zero bytes", b"", RejectCode.EMPTY),
    ("blanks", b"  ", RejectCode.NOT_JSON),
    ("longer than a record", b'{"a":"' + b"x" * BYTES_MAX + b'"}', RejectCode.TOO_LARGE),
    ("not UTF-8", b'{"a":"\xff"}', RejectCode.ENCODING),
    ("overlong UTF-8", b'{"a":"\xc0\xaf"}', RejectCode.ENCODING),
    ("UTF-16", '{"a":1}'.encode("utf-16"), RejectCode.ENCODING),
    ("byte order mark", b'\xef\xbb\xbf{"a":1}', RejectCode.ENCODING),
    ("half a surrogate pair", rb'{"a":"\ud800"}', RejectCode.ENCODING),
    ("truncated", b'{"a":1', RejectCode.NOT_JSON),
    ("trailing comma", b'{"a":1,}', RejectCode.NOT_JSON),
    ("comment", b'{"a":1/*x*/}', RejectCode.NOT_JSON),
    ("single quotes", b"{'a':1}", RejectCode.NOT_JSON),
    ("two objects", b'{"a":1}{"b":2}', RejectCode.NOT_JSON),
    ("NaN", b'{"a":NaN}', RejectCode.NOT_JSON),
    ("Infinity", b'{"a":-Infinity}', RejectCode.NOT_JSON),
    ("a number that is not finite", b'{"a":1e999}', RejectCode.RANGE),
    ("a number of 5,000 digits", b'{"a":' + b"9" * 5000 + b"}", RejectCode.RANGE),
    ("control character", b'{"a":"\x00"}', RejectCode.NOT_JSON),
    ("null", b"null", RejectCode.NOT_OBJECT),
    ("array", b"[]", RejectCode.NOT_OBJECT),
    ("number", b"123", RejectCode.NOT_OBJECT),
    ("text", b'"x"', RejectCode.NOT_OBJECT),
    ("Avro's magic byte", b"\x00\x00\x00\x00\x01x", RejectCode.NOT_JSON),
    ("a key twice", b'{"a":1,"a":2}', RejectCode.DUPLICATE_KEY),
    ("a key twice, once escaped", rb'{"a":1,"\u0061":2}', RejectCode.DUPLICATE_KEY),
    ("a key twice, deep inside", b'{"a":[{"b":1,"b":1}]}', RejectCode.DUPLICATE_KEY),
    ("nested a hundred thousand deep", b'{"a":' + b"[" * 100_000, RejectCode.DEPTH),
    ("nested one level too deep", b'{"a":' + b"[" * DEPTH_MAX + b"]" * DEPTH_MAX + b"}", RejectCode.DEPTH),
]


@pytest.mark.parametrize(("value", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_not_one_plain_json_object_is_refused_with_its_reason(value: bytes | None, code: RejectCode) -> None:
    assert decode_object(value) == Reject(code)


def test_whole_numbers_stay_whole_however_large() -> None:
    assert decode_object(b'{"a":18446744073709551616}') == {"a": 2**64}


def test_nesting_up_to_the_limit_is_accepted() -> None:
    inner = DEPTH_MAX - 1
    assert isinstance(decode_object(b'{"a":' + b"[" * inner + b"]" * inner + b"}"), dict)


def test_text_beyond_ascii_is_accepted() -> None:
    assert decode_object('{"a":"Café ☕"}'.encode()) == {"a": "Café ☕"}
