"""Records of a device's erasure: the request on its own topic, and the erasure among verdicts and feedback."""

from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

import msgspec

from schemas.codes.reject import Reject
from schemas.json.identifier import DEVICE_ID, check_device_id
from schemas.json.strict_json import decode_as

DEVICE_SCOPE: Final = r"^device_[^_]+_[A-Z2-7]{52}$"
"""Pattern of a device token."""


class ErasureRequest(msgspec.Struct, frozen=True):
    """A request to erase a device. It covers all data from before the broker's timestamp of this record."""

    device_id: Annotated[str, msgspec.Meta(extra_json_schema={"pattern": DEVICE_ID})]


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """A completed erasure. It is among verdicts and feedback: consumers delete every earlier record of these tokens.

    No parser accepts an erasure as a verdict or a verdict as an erasure, because each lacks fields of the other.
    `request`: offset of the request, on the partition of the same number. `rows`: number of table rows that were
    removed. `open_payments`: number of payments among them that would have had further revisions.
    """

    device_tokens: Annotated[tuple[Annotated[str, msgspec.Meta(pattern=DEVICE_SCOPE)], ...], msgspec.Meta(min_length=1)]
    request: Annotated[int, msgspec.Meta(ge=0)]
    forgotten_at: str
    rows: int
    open_payments: int


class RemovedItem(StrEnum):
    """Removed items: values of a metric label. `REMOVED_HELP` explains each."""

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
    """Return the record value."""
    return msgspec.json.encode(request)


def parse_request(value: bytes | None) -> ErasureRequest | Reject:
    """Return the request in a record's value, or the reject. Total: no input makes it raise."""
    request = decode_as(_decode_request, value)
    return request if isinstance(request, Reject) else check_device_id(request.device_id) or request


def encode_erasure(erasure: Erasure) -> bytes:
    """Return the record value: the same bytes for equal erasures."""
    return msgspec.json.encode(erasure)


def parse_erasure(value: bytes | None) -> Erasure | None:
    """Return the erasure in a record's value, or None if it is none. Total."""
    try:
        return _decode_erasure(value or b"")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
