"""Verdicts as records: the schema accepts its own output and nothing that a store could not keep."""

import json
from typing import Any

import pytest

from schemas.codes.reject import Reject, RejectCode
from schemas.verdict import Verdict, encode_verdict, parse_verdict
from tests.support.make import as_bytes, verdict

WRITTEN: dict[str, Any] = json.loads(encode_verdict(verdict()))

REJECTED = [
    ("an unknown outcome", {"verdict": "maybe"}, RejectCode.PATTERN, "verdict"),
    ("an unknown code", {"codes": ["GUESS"]}, RejectCode.PATTERN, "codes"),
    ("no id", {"id": ""}, RejectCode.RANGE, "id"),
    ("an id longer than a store accepts", {"id": "x" * 600}, RejectCode.RANGE, "id"),
    ("revision zero", {"revision": 0}, RejectCode.RANGE, "revision"),
    ("a revision beyond 31 bits", {"revision": 2**70}, RejectCode.RANGE, "revision"),
    ("an amount in words", {"amount": "much"}, RejectCode.PATTERN, "amount"),
    ("an amount with an exponent", {"amount": "1e3"}, RejectCode.PATTERN, "amount"),
    ("a day that is not in the calendar", {"timestamp": "2026-02-30T10:15:30.000Z"}, RejectCode.DATE, "timestamp"),
    ("a leap second", {"timestamp": "2026-11-21T23:59:60Z"}, RejectCode.PATTERN, "timestamp"),
    ("a time in another zone", {"timestamp": "2026-11-21T10:15:30.000+01:00"}, RejectCode.PATTERN, "timestamp"),
    ("a malformed parameter set", {"rule": WRITTEN["rule"] | {"parameter_set": "x"}}, None, "parameter_set"),
    (
        "a zero byte in a parameter's name",
        {"rule": WRITTEN["rule"] | {"parameters": {"a\0b": 1}}},
        None,
        "parameters",
    ),
]


def test_a_written_verdict_is_read_back() -> None:
    assert parse_verdict(encode_verdict(verdict())) == verdict()


def test_a_verdict_of_release_0_1_is_read_and_written_back_unchanged() -> None:
    """Release 0.1 did not name the parameter set."""
    value = encode_verdict(verdict()).replace(b',"parameter_set":"1-0123abcd"', b"")
    assert b"parameter_set" not in value
    old = parse_verdict(value)
    assert isinstance(old, Verdict)
    assert old.rule.parameter_set == ""
    assert encode_verdict(old) == value


@pytest.mark.parametrize(("changes", "code", "field"), [row[1:] for row in REJECTED], ids=[row[0] for row in REJECTED])
def test_a_verdict_for_no_store_is_rejected(changes: dict[str, Any], code: RejectCode | None, field: str) -> None:
    reject = parse_verdict(as_bytes(WRITTEN | changes))
    assert isinstance(reject, Reject)
    assert code is None or (reject.code, reject.fields) == (code, (field,))
