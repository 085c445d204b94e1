"""Parsing and encoding of pushes."""

from typing import Any

import pytest

from schemas.push import Push, encode_push, parse_push
from tests.support.make import as_bytes, fix, push


def read(record: dict[str, Any]) -> Push:
    parsed = parse_push(as_bytes(record))
    assert isinstance(parsed, Push)
    return parsed


def test_a_push_has_the_values_of_its_record() -> None:
    parsed = read(push(fix(1.5, speed_mps=0.33), fix(2)))
    assert [fix.at_ms % 10_000 for fix in parsed.fixes] == [1500, 2000]
    assert (parsed.device_id, parsed.message_id, parsed.fixes[0].speed_mps) == ("phone-1", 1, 0.33)


def test_an_encoded_push_is_parsed_unchanged() -> None:
    parsed = read(push(fix(mock=True), fix(1, horizontal_accuracy_m=None)))
    assert parse_push(encode_push(parsed)) == parsed


@pytest.mark.parametrize("device_id", ["A", "a", "0f3c", "a.b_c-d", "x" * 128, "353879234252633"])
def test_a_device_id_has_letters_digits_dots_dashes_and_underscores(device_id: str) -> None:
    assert read(push(device_id=device_id)).device_id == device_id


def test_blanks_and_unknown_fields_are_accepted() -> None:
    fixes = b'[ { "at_ms" : 1795262400000 , "latitude" : 1 , "longitude" : 2 } ]'
    assert isinstance(parse_push(b'{ "extra" : {"a":1} , "device_id" : "a" , "fixes" : %s }' % fixes), Push)


def test_integers_are_valid_coordinates() -> None:
    assert read(push(fix(latitude=40, longitude=-75))).fixes[0].latitude == 40.0
