"""Feedback: parsed strictly, without card numbers, and the newest of a case wins."""

import json
from typing import Any

import pytest

from agents.sink_batch import read_batch
from schemas.codes.reject import Reject, RejectCode
from schemas.feedback import Feedback, encode_feedback, parse_feedback
from schemas.verdict import encode_verdict, parse_verdict
from tests.support.batch import FakeRecord
from tests.support.make import CARD, as_bytes, feedback, verdict


def raw(**changes: Any) -> bytes:
    """Return a record value as another producer might write it. A change to `...` removes the field."""
    fields = json.loads(encode_feedback(feedback())) | changes
    return as_bytes({name: value for name, value in fields.items() if value is not ...})


def test_feedback_survives_encoding() -> None:
    given = feedback(
        note="Zwei Käufe\nam selben Tag \u2013 beide nicht von ihr.", given_at="2026-11-21T13:00:00.000001Z"
    )
    assert parse_feedback(encode_feedback(given)) == given


@pytest.mark.parametrize(
    ("value", "code", "fields"),
    [
        (None, RejectCode.EMPTY, ()),
        (b"", RejectCode.EMPTY, ()),
        (b"junk", RejectCode.NOT_JSON, ()),
        (b"[]", RejectCode.NOT_OBJECT, ()),
        (b"\xff", RejectCode.ENCODING, ()),
        (b"[" * 100_000, RejectCode.NOT_OBJECT, ()),
        (raw()[:-1] + b',"more":' + b"[" * 20 + b"]" * 20 + b"}", RejectCode.DEPTH, ()),
        (raw(id=""), RejectCode.RANGE, ("id",)),
        (raw(id=...), RejectCode.MISSING, ("id",)),
        (raw(verdict="suspect"), RejectCode.PATTERN, ("verdict",)),
        (raw(verdict="FRAUD"), RejectCode.PATTERN, ("verdict",)),
        (raw(note=None), RejectCode.MISSING, ("note",)),
        (raw(note="x" * 1001), RejectCode.RANGE, ("note",)),
        (raw(note=f"card {CARD}"), RejectCode.CARD_IN_NOTE, ("note",)),
        (raw(note="card 4556 7375 8689 9855, she says"), RejectCode.CARD_IN_NOTE, ("note",)),
        (raw(analyst=""), RejectCode.RANGE, ("analyst",)),
        (raw(revision=0), RejectCode.RANGE, ("revision",)),
        (raw(revision="1"), RejectCode.TYPE, ("revision",)),
        (raw(revision=2**31), RejectCode.RANGE, ("revision",)),
        (raw(given_at="yesterday"), RejectCode.DATE, ("given_at",)),
        (raw(given_at="2026-11-21T14:00:00.000+01:00"), RejectCode.PATTERN, ("given_at",)),
        (raw(given_at="1999-11-21T14:00:00.000Z"), RejectCode.TOO_OLD, ("given_at",)),
        (raw(timestamp="2026-11-21T12:00:00"), RejectCode.NO_ZONE, ("timestamp",)),
        (raw()[:-1] + b',"note":"again"}', RejectCode.DUPLICATE_KEY, ()),
    ],
)
def test_an_invalid_record_is_rejected(value: bytes | None, code: RejectCode, fields: tuple[str, ...]) -> None:
    assert parse_feedback(value) == Reject(code, fields)


@pytest.mark.parametrize("note", ["", "order 20261121", "IMEI 490154203237518", "called +1 415 555 0100 at 10:15"])
def test_a_note_may_contain_numbers_that_are_no_card_numbers(note: str) -> None:
    assert isinstance(parse_feedback(raw(note=note)), Feedback)


def test_a_verdict_is_no_feedback_and_feedback_is_no_verdict() -> None:
    assert isinstance(parse_feedback(encode_verdict(verdict())), Reject)
    assert isinstance(parse_verdict(encode_feedback(feedback())), Reject)


def test_a_sink_batch_keeps_the_newest_feedback_of_a_case_in_any_order() -> None:
    """The times are compared as times: as texts they sort differently."""
    times = ("2026-11-21T13:00:00.250Z", "2026-11-21T13:00:00.250001Z", "2026-11-21T13:00:00.249999Z")
    records = [FakeRecord(b"k", encode_feedback(feedback(given_at=time))) for time in times]
    assert times[1] < times[0]
    for order in (records, records[::-1]):
        ((_, kept),) = read_batch(order, parse_feedback).documents.values()
        assert kept == feedback(given_at=times[1])
