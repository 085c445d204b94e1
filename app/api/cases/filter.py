"""The filter of a search, parsed from URL parameters. Pure; parsing never raises."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeVar

from app.api.cases.page_cursor import PageCursor, Sort, decode
from schemas.codes.reason import ReasonCode
from schemas.codes.reject import Reject
from schemas.json.currency import CURRENCIES
from schemas.json.timestamps import parse_epoch_us
from schemas.verdict import Outcome, Status

LIMIT_MAX: Final = 200
TEXT_CHARACTERS_MAX: Final = 128
"""Elasticsearch accepts a regular expression of 1,000 characters, and one letter may need four."""

ANY: Final = "any"

_AMOUNT: Final = re.compile(r"-?[0-9]{1,13}(\.[0-9]{1,20})?", re.ASCII)
_INTEGER: Final = re.compile(r"[0-9]{1,4}", re.ASCII)
_TOKEN: Final = re.compile(r"(card|user|device)_[^_\s]{1,64}_[A-Z2-7]{1,52}", re.ASCII)

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions that a case must meet. None and empty text are no condition.

    `from_us` (inclusive) and `to_us` (exclusive): payment time in epoch microseconds. `rule`: name or preset.
    `merchant`: part of the name, or the whole id. `q`: prefix of the transaction id.
    """

    verdict: Outcome | None = Outcome.SUSPECT
    status: Status | None = None
    from_us: int | None = None
    to_us: int | None = None
    rule: str = ""
    code: ReasonCode | None = None
    merchant: str = ""
    category: str = ""
    amount_min: Decimal | None = None
    amount_max: Decimal | None = None
    currency: str = ""
    token: str = ""
    min_risk: int | None = None
    q: str = ""
    sort: Sort = Sort.NEWEST
    limit: int = 50
    cursor: PageCursor | None = None


class FilterError(NamedTuple):
    """An invalid parameter. `message` does not quote its value; `field` is empty for an unknown parameter."""

    field: str
    message: str


class _InvalidParameter(NamedTuple):
    """Why a value is invalid. The message puts the parameter's name before it."""

    problem: str


class FilterParameter(NamedTuple):
    """A URL parameter of a search. `schema` is JSON Schema; `read` parses the text."""

    name: str
    field: str
    read: Callable[[str], object]
    schema: Mapping[str, Any]
    description: str


def read_filter(parameters: Iterable[tuple[str, str]]) -> Filter | FilterError:
    """Return the filter of these parameters. An empty value counts as absent."""
    read: dict[str, Any] = {}
    for name, text in parameters:
        parameter = _BY_NAME.get(name)
        if parameter is None:
            return FilterError("", "A parameter is unknown: see /openapi.json.")
        if parameter.field in read:
            return FilterError(name, f"{name} occurs twice")
        if text == "":
            continue
        value = parameter.read(text)
        if isinstance(value, _InvalidParameter):
            return FilterError(name, f"{name} {value.problem}")
        read[parameter.field] = value
    wanted = Filter(**read)
    return _conflict(wanted) or wanted


def _conflict(wanted: Filter) -> FilterError | None:
    if wanted.from_us is not None and wanted.to_us is not None and wanted.to_us <= wanted.from_us:
        return FilterError("to", "to must be later than from")
    if wanted.amount_min is not None and wanted.amount_max is not None and wanted.amount_max < wanted.amount_min:
        return FilterError("amount_max", "amount_max must not be less than amount_min")
    if wanted.cursor is not None and wanted.cursor.sort != wanted.sort:
        return FilterError("cursor", "cursor is from a search with another sort order")
    return None


def _one_of(kind: type[E]) -> Callable[[str], E | _InvalidParameter]:
    def read(text: str) -> E | _InvalidParameter:
        return kind(text) if text in set(kind) else _InvalidParameter(f"must be one of {', '.join(kind)}")

    return read


def _verdict(text: str) -> Outcome | _InvalidParameter | None:
    if text == ANY:
        return None
    return Outcome(text) if text in set(Outcome) else _InvalidParameter(f"must be one of {', '.join(Outcome)}, {ANY}")


def _time(text: str) -> int | _InvalidParameter:
    at_us = parse_epoch_us(text)
    if isinstance(at_us, Reject):
        return _InvalidParameter("must be a time with UTC offset, as 2026-11-21T12:00:00Z")
    return at_us


def _text(text: str) -> str | _InvalidParameter:
    if len(text) > TEXT_CHARACTERS_MAX:
        return _InvalidParameter(f"must not be longer than {TEXT_CHARACTERS_MAX} characters")
    return text


def _amount(text: str) -> Decimal | _InvalidParameter:
    return Decimal(text) if _AMOUNT.fullmatch(text) else _InvalidParameter("must be a number")


def _currency(text: str) -> str | _InvalidParameter:
    return text.upper() if text.upper() in CURRENCIES else _InvalidParameter("must be a currency code, as USD")


def _token(text: str) -> str | _InvalidParameter:
    return text if _TOKEN.fullmatch(text) else _InvalidParameter("must be the token of a card, a user or a device")


def _integer(first: int, last: int) -> Callable[[str], int | _InvalidParameter]:
    def read(text: str) -> int | _InvalidParameter:
        if _INTEGER.fullmatch(text) and first <= int(text) <= last:
            return int(text)
        return _InvalidParameter(f"must be a whole number from {first} to {last}")

    return read


def _enum(*values: str, default: str | None = None) -> dict[str, Any]:
    schema = {"type": "string", "enum": [str(value) for value in values]}
    return schema if default is None else schema | {"default": str(default)}


def _range(first: int, last: int, default: int | None = None) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": first, "maximum": last}
    return schema if default is None else schema | {"default": default}


def _cursor(text: str) -> PageCursor | _InvalidParameter:
    return decode(text) or _InvalidParameter("is not from a search result")


_STRING: Final = {"type": "string", "maxLength": TEXT_CHARACTERS_MAX}
_TIME_TEXT: Final = {"type": "string", "format": "date-time"}
_NUMBER_TEXT: Final = {"type": "string", "pattern": f"^{_AMOUNT.pattern}$"}

PARAMETERS: Final = (
    FilterParameter(
        "verdict", "verdict", _verdict, _enum(*Outcome, ANY, default=Outcome.SUSPECT), "Outcome of the case."
    ),
    FilterParameter("status", "status", _one_of(Status), _enum(*Status), "Status of the newest revision."),
    FilterParameter("from", "from_us", _time, _TIME_TEXT, "Earliest time of the payment, inclusive."),
    FilterParameter("to", "to_us", _time, _TIME_TEXT, "Latest time of the payment, exclusive."),
    FilterParameter("rule", "rule", _text, _STRING, "Name or preset of the rule."),
    FilterParameter("code", "code", _one_of(ReasonCode), _enum(*ReasonCode), "Reason code."),
    FilterParameter("merchant", "merchant", _text, _STRING, "Part of the merchant's name, or its whole id."),
    FilterParameter("category", "category", _text, _STRING, "Merchant category, in any case."),
    FilterParameter("amount_min", "amount_min", _amount, _NUMBER_TEXT, "Lowest amount."),
    FilterParameter("amount_max", "amount_max", _amount, _NUMBER_TEXT, "Highest amount."),
    FilterParameter(
        "currency", "currency", _currency, {"type": "string", "pattern": "^[A-Za-z]{3}$"}, "Currency code."
    ),
    FilterParameter(
        "token",
        "token",
        _token,
        {"type": "string", "pattern": f"^{_TOKEN.pattern}$"},
        "Token of a card, user or device.",
    ),
    FilterParameter("min_risk", "min_risk", _integer(0, 100), _range(0, 100), "Lowest risk."),
    FilterParameter("q", "q", _text, _STRING, "Prefix of the transaction id."),
    FilterParameter(
        "sort", "sort", _one_of(Sort), _enum(*Sort, default=Sort.NEWEST), "Order: `gravest` is highest risk first."
    ),
    FilterParameter(
        "limit", "limit", _integer(1, LIMIT_MAX), _range(1, LIMIT_MAX, default=Filter().limit), "Cases per page."
    ),
    FilterParameter("cursor", "cursor", _cursor, {"type": "string"}, "Cursor of the page before."),
)
_BY_NAME: Final = {parameter.name: parameter for parameter in PARAMETERS}
