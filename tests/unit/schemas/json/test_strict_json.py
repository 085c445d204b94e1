"""Strict decoding of one JSON object."""

import pytest

from schemas.codes.reject import Reject, RejectCode
from schemas.json.strict_json import DEPTH_MAX, decode_object


def test_large_integers_stay_exact() -> None:
    assert decode_object(b'{"a":18446744073709551616}') == {"a": 2**64}


def test_nesting_up_to_the_limit_is_accepted() -> None:
    inner = DEPTH_MAX - 1
    assert isinstance(decode_object(b'{"a":' + b"[" * inner + b"]" * inner + b"}"), dict)


def test_text_outside_ascii_is_accepted() -> None:
    assert decode_object('{"a":"Café ☕"}'.encode()) == {"a": "Café ☕"}


@pytest.mark.parametrize(
    "value",
    [
        '{"a":1,"a":2}',
        '{"a":1,"a" :2}',
        '{"a" : 1, "b": "a", "a":2}',
        '{"a":{"b":1,"b":2}}',
        '{"a":1,"\\u0061":2}',
        '{"a":[{"b":1,"b":2}]}',
        '{"":1,"":2}',
        '{"a":"","a":""}',
    ],
)
def test_a_repeated_key_is_rejected_in_any_spelling(value: str) -> None:
    assert decode_object(value.encode()) == Reject(RejectCode.DUPLICATE_KEY)


@pytest.mark.parametrize("value", ['{"a":"a"}', '{"a":{"a":{}}}', '{"a":":","b":"\\"a\\":"}', '{"a":[["a"]]}', "{}"])
def test_the_same_key_in_another_object_is_accepted(value: str) -> None:
    assert isinstance(decode_object(value.encode()), dict)
