"""What an analyst says: read strictly, kept without card numbers, the newest of a case wins."""

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
    """A record as another writer might put it there. A change to `...` takes the field away."""
    fields = json.loads(encode_feedback(feedback())) | changes
    return as_bytes({name: value for name, value in fields.items() if value is not ...})


def test_what_is_written_is_what_is_read() -> None:
    said = feedback(
        note="Zwei Käufe\nam selben Tag \u2013 beide nicht von ihr.", given_at="2026-11-21T13:00:00.000001Z"
    )
    assert parse_feedback(encode_feedback(said)) == said


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
def test_what_is_no_feedback_is_refused(value: bytes | None, code: RejectCode, fields: tuple[str, ...]) -> None:
    assert parse_feedback(value) == Reject(code, fields)


@pytest.mark.parametrize("note", ["", "order 20261121", "IMEI 490154203237518", "called +1 415 555 0100 at 10:15"])
def test_numbers_that_are_no_cards_may_stand_in_a_note(note: str) -> None:
    assert isinstance(parse_feedback(raw(note=note)), Feedback)


def test_no_verdict_is_taken_for_feedback_nor_the_other_way_round() -> None:
    assert isinstance(parse_feedback(encode_verdict(verdict())), Reject)
    assert isinstance(parse_verdict(encode_feedback(feedback())), Reject)


def test_of_what_was_said_of_one_case_the_newest_is_kept_whatever_the_order() -> None:
    """Also where the texts of the times would sort otherwise."""
    times = ("2026-11-21T13:00:00.250Z", "2026-11-21T13:00:00.250001Z", "2026-11-21T13:00:00.249999Z")
    records = [FakeRecord(b"k", encode_feedback(feedback(given_at=time))) for time in times]
    assert times[1] < times[0]
    for order in (records, records[::-1]):
        ((_, kept),) = read_batch(order, parse_feedback).kept.values()
        assert kept == feedback(given_at=times[1])
