"""A card payment: the record on the `transactions` topic. It contains a card number: never log one."""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from schemas.codes.reject import Reject, RejectCode
from schemas.json.currency import CURRENCIES
from schemas.json.identifier import check_device_id, passes_luhn
from schemas.json.strict_json import decode_object
from schemas.json.timestamps import parse_epoch_us

# Field names in "Real-Time Smart Bank Data Streaming Capture", and the names here.
PUBLISHED_NAMES = MappingProxyType(
    {
        "Transaction ID": "transaction_id",
        "User ID": "user_id",
        "Device ID": "device_id",
        "Name": "name",
        "Timestamp": "timestamp",
        "Amount": "amount",
        "Currency": "currency",
        "Card Number": "card_number",
        "Merchant ID": "merchant_id",
        "Merchant": "merchant",
        "Merchant_category": "merchant_category",
        "Location Latitude": "latitude",
        "Location Longitude": "longitude",
        "Transaction Type": "transaction_type",
        "Transaction_device": "transaction_device",
    }
)
# Only these two numbers are texts in the published data. A text in another number's field is rejected.
_PUBLISHED_NUMBERS = ("Location Latitude", "Location Longitude")
_PLAIN_NUMBER = re.compile(r"-?\d{1,3}(\.\d{1,17})?", re.ASCII)

# PCI DSS 3.3.1: card verification value, full track, PIN. Compared without case and punctuation.
_SENSITIVE = frozenset("cvv cvv2 cvc cvc2 cid cav2 csc track track1 track2 trackdata magstripe pin pinblock".split())

AMOUNT_MAX: Final = Decimal(10) ** 12
_AMOUNT = re.compile(r"\d{1,13}(\.\d{1,20})?", re.ASCII)
_CENT = Decimal("0.01")
_PUNCTUATION = str.maketrans("", "", "._-")
_CARD_DIGITS = re.compile(r"(?:[0-9][ -]?){11,18}[0-9]", re.ASCII)

_CODES_BY_ERROR = {
    "missing": RejectCode.MISSING,
    "string_too_short": RejectCode.MISSING,
    "string_too_long": RejectCode.RANGE,
    "string_pattern_mismatch": RejectCode.PATTERN,
    "greater_than_equal": RejectCode.RANGE,
    "less_than_equal": RejectCode.RANGE,
    "finite_number": RejectCode.RANGE,
}


def _reject_error(code: RejectCode) -> PydanticCustomError:
    """Return an error that carries a reject code and nothing of the value."""
    return PydanticCustomError("geovelocity", "refused", {"code": code})


def _device_id(value: object) -> object:
    if isinstance(value, str) and (reject := check_device_id(value)):
        raise _reject_error(reject.code)
    return value


def _epoch_us(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _reject_error(RejectCode.MISSING if value is None else RejectCode.TYPE)
    moment = parse_epoch_us(value)
    if isinstance(moment, Reject):
        raise _reject_error(moment.code)
    return moment


def _amount(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _reject_error(RejectCode.MISSING if value is None else RejectCode.TYPE)
    if isinstance(value, str):
        if not _AMOUNT.fullmatch(value):
            raise _reject_error(RejectCode.PATTERN)
        amount = Decimal(value)
    else:
        amount = Decimal(repr(value))
    if not 0 <= amount < AMOUNT_MAX:
        raise _reject_error(RejectCode.RANGE)
    return abs(amount).quantize(_CENT, ROUND_HALF_EVEN)  # no negative zero


def _card_digits(value: object) -> str:
    if not isinstance(value, str):
        raise _reject_error(RejectCode.MISSING if value is None else RejectCode.TYPE)
    if not value:
        raise _reject_error(RejectCode.MISSING)
    digits = value.replace(" ", "").replace("-", "")
    if not _CARD_DIGITS.fullmatch(value) or not digits.strip("0"):
        raise _reject_error(RejectCode.CARD_FORMAT)
    return digits


def _currency(value: object) -> object:
    if isinstance(value, str) and value not in CURRENCIES:
        raise _reject_error(RejectCode.PATTERN)
    return value


def _positive_or_none(value: object) -> object:
    """Return None for zero or less. Some systems send these for "not measured", and no measurement is exact."""
    unknown = isinstance(value, int | float) and not isinstance(value, bool) and value <= 0
    return None if unknown else value


WITHOUT_NUL: Final = r"^[^\x00]*$"
"""Pattern of a text without U+0000. Many stores end a text there and would hide the rest."""

Text = Annotated[str, Field(max_length=256, pattern=WITHOUT_NUL)] | None


class Payment(BaseModel):
    """A card payment. `latitude` and `longitude` are those of the merchant; both null: the location is unknown."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, allow_inf_nan=False, hide_input_in_errors=True)

    transaction_id: Annotated[str, Field(min_length=1, max_length=128, pattern=WITHOUT_NUL)]
    device_id: Annotated[str, BeforeValidator(_device_id)]
    at_us: Annotated[int, BeforeValidator(_epoch_us), Field(alias="timestamp")]
    amount: Annotated[Decimal, BeforeValidator(_amount)]
    card_number: Annotated[SecretStr, BeforeValidator(_card_digits)]
    latitude: Annotated[float, Field(ge=-90, le=90)] | None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None
    location_accuracy_m: Annotated[float | None, BeforeValidator(_positive_or_none)] = None
    user_id: Annotated[str, Field(max_length=128, pattern=WITHOUT_NUL)] | None = None
    currency: Annotated[str | None, BeforeValidator(_currency)] = None
    merchant_id: Text = None
    merchant: Text = None
    merchant_category: Text = None
    transaction_type: Text = None
    transaction_device: Text = None

    def __repr__(self) -> str:
        return "Payment(not shown)"

    __str__ = __repr__


def parse_payment(value: bytes | None, *, luhn: bool = False) -> Payment | Reject:
    """Return the payment in a record's value, or the reject. Total: no input makes it raise.

    `luhn`: also reject card numbers that fail the Luhn check.
    """
    decoded = decode_object(value)
    if isinstance(decoded, Reject):
        return decoded
    if sensitive := [name for name in decoded if _plain(name) in _SENSITIVE]:
        return Reject(RejectCode.SENSITIVE, tuple(sorted({_plain(name) for name in sensitive})))
    renamed = _to_our_names(decoded)
    if isinstance(renamed, Reject):
        return renamed
    try:
        payment = Payment.model_validate(renamed)
    except ValidationError as error:
        return _explain(error.errors(include_input=False, include_url=False))
    if payment.card_number.get_secret_value() in _without_punctuation(payment.device_id):
        return Reject(RejectCode.CARD_IN_ID, ("device_id",))
    if (payment.latitude is None) != (payment.longitude is None):
        return Reject(RejectCode.MISSING, ("latitude" if payment.latitude is None else "longitude",))
    if luhn and not passes_luhn(payment.card_number.get_secret_value()):
        return Reject(RejectCode.CARD_FORMAT, ("card_number",))
    return payment


def _without_punctuation(identifier: str) -> str:
    return identifier.translate(_PUNCTUATION)


@lru_cache(1024)
def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def _to_our_names(decoded: dict[str, Any]) -> dict[str, Any] | Reject:
    renamed: dict[str, Any] = {}
    for name, value in decoded.items():
        ours = PUBLISHED_NAMES.get(name, name)
        if ours in renamed:
            return Reject(RejectCode.DUPLICATE_KEY, (ours,))
        as_text = name in _PUBLISHED_NUMBERS and isinstance(value, str)
        if as_text and not _PLAIN_NUMBER.fullmatch(value):
            return Reject(RejectCode.TYPE, (ours,))
        renamed[ours] = float(value) if as_text else value
    return renamed


def _explain(errors: Iterable[ErrorDetails]) -> Reject:
    """Return one reject for all errors, with the first error's code and the name of every field."""
    codes, fields = [], []
    for error in errors:
        context = error.get("ctx", {})
        codes.append(context.get("code") or _CODES_BY_ERROR.get(error["type"], RejectCode.TYPE))
        fields.append(str(error["loc"][0]))
    return Reject(codes[0], tuple(dict.fromkeys(fields)))
