"""Pushes, good and bad."""

from typing import Any

import pytest

from schemas.push import Push, encode_push, parse_push
from tests.support.make import as_bytes, fix, push


def read(record: dict[str, Any]) -> Push:
    parsed = parse_push(as_bytes(record))
    assert isinstance(parsed, Push)
    return parsed


def test_a_push_is_read_as_it_is_written() -> None:
    parsed = read(push(fix(1.5, speed_mps=0.33), fix(2)))
    assert [fix.at_ms % 10_000 for fix in parsed.fixes] == [1500, 2000]
    assert (parsed.device_id, parsed.message_id, parsed.fixes[0].speed_mps) == ("phone-1", 1, 0.33)


def test_what_was_written_by_us_is_read_back_unchanged() -> None:
    parsed = read(push(fix(mock=True), fix(1, horizontal_accuracy_m=None)))
    assert parse_push(encode_push(parsed)) == parsed


@pytest.mark.parametrize("device_id", ["A", "a", "0f3c", "a.b_c-d", "x" * 128, "353879234252633"])
def test_letters_digits_dots_dashes_and_underscores_make_a_device_id(device_id: str) -> None:
    assert read(push(device_id=device_id)).device_id == device_id


def test_spellings_with_blanks_and_unknown_fields_are_read_too() -> None:
    fixes = b'[ { "at_ms" : 1795262400000 , "latitude" : 1 , "longitude" : 2 } ]'
    assert isinstance(parse_push(b'{ "extra" : {"a":1} , "device_id" : "a" , "fixes" : %s }' % fixes), Push)


def test_whole_numbers_are_coordinates() -> None:
    assert read(push(fix(latitude=40, longitude=-75))).fixes[0].latitude == 40.0
