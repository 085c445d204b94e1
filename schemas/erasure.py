"""What is said of a device that is to be forgotten: on the topic of requests, and to everyone who keeps verdicts."""

from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

import msgspec

from schemas.codes.reject import Reject
from schemas.json.identifier import DEVICE_ID, check_device_id
from schemas.json.strict_json import check_bytes, check_structure, explain

DEVICE_SCOPE: Final = r"^device_[^_]+_[A-Z2-7]{52}$"


class ErasureRequest(msgspec.Struct, frozen=True):
    """Somebody asks that a device be forgotten, as of the moment at which the broker took this record."""

    device_id: Annotated[str, msgspec.Meta(extra_json_schema={"pattern": DEVICE_ID})]


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """A device was forgotten. It lies among verdicts: whatever stands before it under these tokens is to be deleted.

    It cannot be taken for a verdict, nor a verdict for it: neither has the fields of the other. `request`: the offset
    of the request on its topic, on the partition of the same number. `rows` and `open_payments`: what was removed from
    the table, and how many payments among it would have had further revisions.
    """

    device_tokens: Annotated[tuple[Annotated[str, msgspec.Meta(pattern=DEVICE_SCOPE)], ...], msgspec.Meta(min_length=1)]
    request: Annotated[int, msgspec.Meta(ge=0)]
    forgotten_at: str
    rows: int
    open_payments: int


class RemovedItem(StrEnum):
    """Codes of counters. Each is explained in `MEANINGS`."""

    ROW = "row"
    OPEN_PAYMENT = "open-payment"
    DOCUMENT = "document"


REMOVED_HELP = MappingProxyType(
    {
        RemovedItem.ROW: "a row of the table, now a tombstone in its changelog",
        RemovedItem.OPEN_PAYMENT: "a payment that would have had further revisions",
        RemovedItem.DOCUMENT: "a document in a store",
    }
)

_decode_request = msgspec.json.Decoder(ErasureRequest).decode
_decode_erasure = msgspec.json.Decoder(Erasure).decode


def encode_request(request: ErasureRequest) -> bytes:
    """The record value."""
    return msgspec.json.encode(request)


def parse_request(value: bytes | None) -> ErasureRequest | Reject:
    """The request in a record's value, or why it cannot be used. Total: never raises, whatever the bytes."""
    if reject := check_bytes(value):
        return reject
    assert value is not None  # noqa: S101 - check_bytes refuses None
    try:
        request = _decode_request(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return explain(error, value)
    return check_structure(value) or check_device_id(request.device_id) or request


def encode_erasure(erasure: Erasure) -> bytes:
    """The record value, the same bytes for the same erasure."""
    return msgspec.json.encode(erasure)


def parse_erasure(value: bytes | None) -> Erasure | None:
    """The erasure in a record's value; None: it is none. Total."""
    try:
        return _decode_erasure(value or b"")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
