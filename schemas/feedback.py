"""What an analyst says of a case, as it lies on the `feedback` topic. Masked like the verdict it is about."""

from enum import StrEnum
from typing import Annotated, Final

import msgspec

from schemas.codes.reject import Reject, RejectCode
from schemas.json.identifier import looks_like_pan
from schemas.json.strict_json import check_bytes, check_structure, explain
from schemas.json.timestamps import format_us, parse_epoch_us

NOTE_CHARACTERS_MAX: Final = 1000
Note = Annotated[str, msgspec.Meta(max_length=NOTE_CHARACTERS_MAX)]
Revision = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]


class Disposition(StrEnum):
    """What an analyst takes a payment for."""

    FRAUD = "fraud"
    NOT_FRAUD = "not_fraud"
    UNSURE = "unsure"


class Feedback(msgspec.Struct, frozen=True, kw_only=True):
    """One analyst's word on one case, given when revision `revision` of it was on the screen.

    `id`, `transaction_id`, `timestamp` and `device_token` are the case's own. The record's key is the device id, so
    that it lies on the partition on which an erasure of the device will lie behind it.
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
        """Of what is said of one case a store keeps the highest: when it was given, epoch microseconds."""
        given_us = parse_epoch_us(self.given_at)
        assert isinstance(given_us, int)  # noqa: S101 - what was parsed, or written with `format_us`, is a time
        return given_us


_decode = msgspec.json.Decoder(Feedback).decode


def encode_feedback(feedback: Feedback) -> bytes:
    """The record value, the same bytes for the same feedback."""
    return msgspec.json.encode(feedback)


def parse_feedback(value: bytes | None) -> Feedback | Reject:
    """The feedback in a record's value, or why it cannot be used. Total: never raises, whatever the bytes."""
    if reject := check_bytes(value):
        return reject
    assert value is not None  # noqa: S101 - check_bytes refuses None
    try:
        feedback = _decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return explain(error, value)
    return check_structure(value) or _check_times(feedback) or check_note(feedback.note) or feedback


def check_note(note: str) -> Reject | None:
    """None when the note can be kept: people paste card numbers, and nobody may keep one."""
    return Reject(RejectCode.CARD_IN_NOTE, ("note",)) if looks_like_pan(note) else None


def _check_times(feedback: Feedback) -> Reject | None:
    for name, time in (("timestamp", feedback.timestamp), ("given_at", feedback.given_at)):
        moment = parse_epoch_us(time)
        if isinstance(moment, Reject):
            return Reject(moment.code, (name,))
        if format_us(moment) != time:
            return Reject(RejectCode.PATTERN, (name,))
    return None
