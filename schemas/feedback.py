"""An analyst's feedback on a case: the record on the `feedback` topic. It is masked like the case's verdict."""

from enum import StrEnum
from typing import Annotated, Final

import msgspec

from schemas.codes.reject import Reject, RejectCode
from schemas.json.identifier import looks_like_pan
from schemas.json.strict_json import decode_as
from schemas.json.timestamps import format_us, parse_epoch_us

NOTE_CHARACTERS_MAX: Final = 1000
"""Limit of a note's length."""

Note = Annotated[str, msgspec.Meta(max_length=NOTE_CHARACTERS_MAX)]
Revision = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]


class Disposition(StrEnum):
    """An analyst's judgement of a payment."""

    FRAUD = "fraud"
    NOT_FRAUD = "not_fraud"
    UNSURE = "unsure"


class Feedback(msgspec.Struct, frozen=True, kw_only=True):
    """One analyst's feedback on one case, given while the screen showed revision `revision`.

    `id`, `transaction_id`, `timestamp` and `device_token` are those of the case. `verdict` is the analyst's
    disposition; it has the same JSON name as the detector's verdict. The record's key is the device id. So an erasure
    of the device follows it on the same partition.
    """

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    transaction_id: str
    timestamp: str
    device_token: str
    verdict: Disposition
    note: Note
    analyst: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    given_at: str
    revision: Revision

    @property
    def version(self) -> int:
        """Time of the feedback in epoch microseconds. Of each case a store keeps the highest version."""
        given_us = parse_epoch_us(self.given_at)
        assert isinstance(given_us, int)  # noqa: S101 - the parser and `format_us` guarantee it
        return given_us


_decode = msgspec.json.Decoder(Feedback).decode


def encode_feedback(feedback: Feedback) -> bytes:
    """Return the record value: the same bytes for equal feedback."""
    return msgspec.json.encode(feedback)


def parse_feedback(value: bytes | None) -> Feedback | Reject:
    """Return the feedback in a record's value, or the reject. Total: no input makes it raise."""
    feedback = decode_as(_decode, value)
    if isinstance(feedback, Reject):
        return feedback
    return _check_times(feedback) or check_note(feedback.note) or feedback


def check_note(note: str) -> Reject | None:
    """Return a reject if the note may contain a card number. People paste them, and no store may keep one."""
    return Reject(RejectCode.CARD_IN_NOTE, ("note",)) if looks_like_pan(note) else None


def _check_times(feedback: Feedback) -> Reject | None:
    for name, time in (("timestamp", feedback.timestamp), ("given_at", feedback.given_at)):
        moment = parse_epoch_us(time)
        if isinstance(moment, Reject):
            return Reject(moment.code, (name,))
        if format_us(moment) != time:
            return Reject(RejectCode.PATTERN, (name,))
    return None
