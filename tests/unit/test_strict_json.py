"""What counts as one JSON object."""

import pytest

from schemas.codes.reject import Reject, RejectCode
from schemas.json.strict_json import DEPTH_MAX, decode_object


def test_whole_numbers_stay_whole_however_large() -> None:
    assert decode_object(b'{"a":18446744073709551616}') == {"a": 2**64}


def test_nesting_up_to_the_limit_is_accepted() -> None:
    inner = DEPTH_MAX - 1
    assert isinstance(decode_object(b'{"a":' + b"[" * inner + b"]" * inner + b"}"), dict)


def test_text_beyond_ascii_is_accepted() -> None:
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
def test_a_name_that_stands_twice_is_refused_however_it_is_written(value: str) -> None:
    assert decode_object(value.encode()) == Reject(RejectCode.DUPLICATE_KEY)


@pytest.mark.parametrize("value", ['{"a":"a"}', '{"a":{"a":{}}}', '{"a":":","b":"\\"a\\":"}', '{"a":[["a"]]}', "{}"])
def test_the_same_name_elsewhere_is_not_twice(value: str) -> None:
    assert isinstance(decode_object(value.encode()), dict)
