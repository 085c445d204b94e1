"""What counts as one JSON object."""

from schemas.strict_json import DEPTH_MAX, decode_object


def test_whole_numbers_stay_whole_however_large() -> None:
    assert decode_object(b'{"a":18446744073709551616}') == {"a": 2**64}


def test_nesting_up_to_the_limit_is_accepted() -> None:
    inner = DEPTH_MAX - 1
    assert isinstance(decode_object(b'{"a":' + b"[" * inner + b"]" * inner + b"}"), dict)


def test_text_beyond_ascii_is_accepted() -> None:
    assert decode_object('{"a":"Café ☕"}'.encode()) == {"a": "Café ☕"}
