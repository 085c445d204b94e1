"""Filter: which cases somebody asks for, read from the parameters of an address. Pure and total."""

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
"""Elasticsearch takes an expression of a thousand, and a letter may need four."""

ANY: Final = "any"

_AMOUNT: Final = re.compile(r"-?[0-9]{1,13}(\.[0-9]{1,20})?", re.ASCII)
_INTEGER: Final = re.compile(r"[0-9]{1,4}", re.ASCII)
_TOKEN: Final = re.compile(r"(card|user|device)_[^_\s]{1,64}_[A-Z2-7]{1,52}", re.ASCII)

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Filter:
    """What must be true of a case; None and empty text ask for nothing.

    `from_us` counts in, `to_us` does not: epoch microseconds of the payment. `rule`: its name or its preset.
    `merchant`: a part of its name, or its whole id. `q`: how a transaction id begins.
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
    """Which parameter cannot be used, and why, in a sentence that quotes nothing of it."""

    field: str
    message: str


class _InvalidParameter(NamedTuple):
    """What a parameter is not. Stands behind its name."""

    problem: str


def read_filter(parameters: Iterable[tuple[str, str]]) -> Filter | FilterError:
    """The filter that the parameters ask for. One without a value counts as not given."""
    read: dict[str, Any] = {}
    for name, text in parameters:
        if name not in _READERS:
            return FilterError("", "There is a parameter that no search has; see the README for those there are.")
        field, reader = _READERS[name]
        if field in read:
            return FilterError(name, f"{name} is given twice")
        if text == "":
            continue
        value = reader(text)
        if isinstance(value, _InvalidParameter):
            return FilterError(name, f"{name} {value.problem}")
        read[field] = value
    asked = Filter(**read)
    return _conflict(asked) or asked


def _conflict(asked: Filter) -> FilterError | None:
    if asked.from_us is not None and asked.to_us is not None and asked.to_us <= asked.from_us:
        return FilterError("to", "to is not after from")
    if asked.amount_min is not None and asked.amount_max is not None and asked.amount_max < asked.amount_min:
        return FilterError("amount_max", "amount_max is less than amount_min")
    if asked.cursor is not None and asked.cursor.sort != asked.sort:
        return FilterError("cursor", "cursor is of a search that is sorted otherwise")
    return None


def _one_of(kind: type[E]) -> Callable[[str], E | _InvalidParameter]:
    def read(text: str) -> E | _InvalidParameter:
        return kind(text) if text in set(kind) else _InvalidParameter(f"is none of {', '.join(kind)}")

    return read


def _verdict(text: str) -> Outcome | _InvalidParameter | None:
    if text == ANY:
        return None
    return Outcome(text) if text in set(Outcome) else _InvalidParameter(f"is none of {', '.join(Outcome)}, {ANY}")


def _time(text: str) -> int | _InvalidParameter:
    moment = parse_epoch_us(text)
    return (
        _InvalidParameter("is not a time with its offset, as 2026-11-21T12:00:00Z")
        if isinstance(moment, Reject)
        else moment
    )


def _text(text: str) -> str | _InvalidParameter:
    return (
        _InvalidParameter(f"is longer than {TEXT_CHARACTERS_MAX} characters")
        if len(text) > TEXT_CHARACTERS_MAX
        else text
    )


def _amount(text: str) -> Decimal | _InvalidParameter:
    return Decimal(text) if _AMOUNT.fullmatch(text) else _InvalidParameter("is not a number")


def _currency(text: str) -> str | _InvalidParameter:
    return text.upper() if text.upper() in CURRENCIES else _InvalidParameter("is not the code of a currency, as USD")


def _token(text: str) -> str | _InvalidParameter:
    return text if _TOKEN.fullmatch(text) else _InvalidParameter("is not the token of a card, a user or a device")


def _integer(first: int, last: int) -> Callable[[str], int | _InvalidParameter]:
    def read(text: str) -> int | _InvalidParameter:
        if _INTEGER.fullmatch(text) and first <= int(text) <= last:
            return int(text)
        return _InvalidParameter(f"is not a whole number from {first} to {last}")

    return read


def _cursor(text: str) -> PageCursor | _InvalidParameter:
    return decode(text) or _InvalidParameter("is none that a search has given")


_READERS: Final[Mapping[str, tuple[str, Callable[[str], object]]]] = {
    "verdict": ("verdict", _verdict),
    "status": ("status", _one_of(Status)),
    "from": ("from_us", _time),
    "to": ("to_us", _time),
    "rule": ("rule", _text),
    "code": ("code", _one_of(ReasonCode)),
    "merchant": ("merchant", _text),
    "category": ("category", _text),
    "amount_min": ("amount_min", _amount),
    "amount_max": ("amount_max", _amount),
    "currency": ("currency", _currency),
    "token": ("token", _token),
    "min_risk": ("min_risk", _integer(0, 100)),
    "q": ("q", _text),
    "sort": ("sort", _one_of(Sort)),
    "limit": ("limit", _integer(1, LIMIT_MAX)),
    "cursor": ("cursor", _cursor),
}
