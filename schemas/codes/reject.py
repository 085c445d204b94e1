"""Rejects: results for records that cannot be used. A reject is a value, no exception, and has no input in it."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class RejectCode(StrEnum):
    """Codes of dead letters. `REJECT_HELP` explains each."""

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
        RejectCode.TOO_LARGE: "longer than the limit of a record",
        RejectCode.ENCODING: "not UTF-8 without a byte order mark, or half a surrogate pair",
        RejectCode.NOT_JSON: "not one JSON text (NaN and Infinity are not JSON)",
        RejectCode.NOT_OBJECT: "JSON, but not an object",
        RejectCode.DEPTH: "nested deeper than the limit",
        RejectCode.DUPLICATE_KEY: "a repeated key, which parsers could read differently",
        RejectCode.MISSING: "a required field is absent, null or empty",
        RejectCode.TYPE: "a field has another JSON type, and the parser converts nothing",
        RejectCode.RANGE: "a number or a length outside the possible range",
        RejectCode.PATTERN: "characters that the field does not allow",
        RejectCode.KEY_MISMATCH: "the record's key is not its device id, so it may be on the wrong partition",
        RejectCode.NO_ZONE: "a time without an offset from UTC",
        RejectCode.DATE: "a time that is not RFC 3339 or not in the calendar",
        RejectCode.TOO_OLD: "a time before 2020",
        RejectCode.AMBIGUOUS_UNIT: "a time whose unit can only be guessed",
        RejectCode.CARD_FORMAT: "a card number that is not 12 to 19 digits, or (strict) fails the Luhn check",
        RejectCode.CARD_IN_ID: "a device id that looks like a card number: a key cannot be masked",
        RejectCode.CARD_IN_NOTE: "an analyst's note that contains a possible card number",
        RejectCode.SENSITIVE: "contains a card verification value, track or PIN data, which must not be stored",
        RejectCode.REFUSED_BY_STORE: "a document that a store rejects permanently; the other stores have it",
        RejectCode.UNDELIVERED: "a suspect that an alert channel, named as the field, could not deliver",
    }
)


@dataclass(frozen=True, slots=True)
class Reject:
    """A code, and the names of the schema's fields that it is about. It contains no text of the sender."""

    code: RejectCode
    fields: tuple[str, ...] = ()
