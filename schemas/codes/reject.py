"""Why a record cannot be used. A reject is a value, never an exception, and never holds what was sent."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class RejectCode(StrEnum):
    """The codes of dead letters. Each is explained in `MEANINGS`."""

    EMPTY = "empty"
    TOO_LARGE = "too-large"
    ENCODING = "encoding"
    NOT_JSON = "not-json"
    NOT_OBJECT = "not-object"
    DEPTH = "depth"
    DUPLICATE_KEY = "duplicate-key"
    MISSING = "missing"
    TYPE = "type"
    RANGE = "range"
    PATTERN = "pattern"
    KEY_MISMATCH = "key-mismatch"
    NO_ZONE = "no-zone"
    DATE = "date"
    TOO_OLD = "too-old"
    AMBIGUOUS_UNIT = "ambiguous-unit"
    CARD_FORMAT = "card-format"
    CARD_IN_ID = "card-in-id"
    CARD_IN_NOTE = "card-in-note"
    SENSITIVE = "sensitive"
    REFUSED_BY_STORE = "refused-by-store"
    UNDELIVERED = "undelivered"


REJECT_HELP = MappingProxyType(
    {
        RejectCode.EMPTY: "no value at all: a tombstone or zero bytes",
        RejectCode.TOO_LARGE: "longer than a record may be",
        RejectCode.ENCODING: "not UTF-8 without a byte order mark, or half a surrogate pair",
        RejectCode.NOT_JSON: "not one JSON text (NaN and Infinity are not JSON)",
        RejectCode.NOT_OBJECT: "JSON, but not an object",
        RejectCode.DEPTH: "nested deeper than any record is",
        RejectCode.DUPLICATE_KEY: "a key given twice, so that readers could disagree",
        RejectCode.MISSING: "a required field is absent, null or empty",
        RejectCode.TYPE: "a field has another JSON type; nothing is converted",
        RejectCode.RANGE: "a number or a length outside what can be true",
        RejectCode.PATTERN: "characters that this field may not have",
        RejectCode.KEY_MISMATCH: "the record's key is not the device id in it, so it may lie on the wrong partition",
        RejectCode.NO_ZONE: "a time without offset from UTC",
        RejectCode.DATE: "a time that is not RFC 3339 or not in the calendar",
        RejectCode.TOO_OLD: "a time before 2020",
        RejectCode.AMBIGUOUS_UNIT: "a time whose unit can only be guessed",
        RejectCode.CARD_FORMAT: "a card number that is not 12 to 19 digits, or (strict) fails the Luhn check",
        RejectCode.CARD_IN_ID: "a device id that looks like a card number: as a key it could not be masked",
        RejectCode.CARD_IN_NOTE: "an analyst's note with what looks like a card number in it",
        RejectCode.SENSITIVE: "holds a card verification value, track or PIN data, which nobody may keep",
        RejectCode.REFUSED_BY_STORE: "a document that a store will never take; the other stores have it",
        RejectCode.UNDELIVERED: "a suspect that a channel of alerts, named as the field, could not tell people of",
    }
)


@dataclass(frozen=True, slots=True)
class Reject:
    """A code and the names of our own fields it is about. Never the sender's text."""

    code: RejectCode
    fields: tuple[str, ...] = ()
