"""The filter of a search: parsed from URL parameters, or rejected with the parameter's name."""

from decimal import Decimal
from urllib.parse import parse_qsl

import pytest

from app.api.cases.filter import Filter, FilterError, read_filter
from app.api.cases.page_cursor import PageCursor, Sort, encode
from schemas.codes.reason import ReasonCode
from schemas.verdict import Outcome, Status

NOON_US = 1_795_262_400_000_000
TOKEN = "card_k1_" + "A" * 52
AFTER = PageCursor(Sort.NEWEST, (1_795_262_400_000, "tx-1", TOKEN))


def read(address: str) -> Filter | FilterError:
    return read_filter(parse_qsl(address, keep_blank_values=True))


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("", Filter()),
        ("verdict=suspect&status=&merchant=&cursor=", Filter()),
        ("verdict=any", Filter(verdict=None)),
        ("verdict=not_evaluable&status=final", Filter(verdict=Outcome.NOT_EVALUABLE, status=Status.FINAL)),
        ("from=2026-11-21T12:00:00Z", Filter(from_us=NOON_US)),
        ("from=2026-11-21T13:00:00.250%2B01:00", Filter(from_us=NOON_US + 250_000)),
        ("to=2026-11-21T12:00:00Z", Filter(to_us=NOON_US)),
        ("rule=paper&code=CARD_VELOCITY", Filter(rule="paper", code=ReasonCode.CARD_VELOCITY)),
        ("merchant=Caf%C3%A9+*&category=grocery", Filter(merchant="Café *", category="grocery")),
        ("amount_min=10&amount_max=10.50", Filter(amount_min=Decimal(10), amount_max=Decimal("10.50"))),
        ("currency=usd", Filter(currency="USD")),
        (f"token={TOKEN}", Filter(token=TOKEN)),
        ("min_risk=0", Filter(min_risk=0)),
        ("q=tx-1&sort=gravest&limit=200", Filter(q="tx-1", sort=Sort.HIGHEST_RISK, limit=200)),
        (f"cursor={encode(AFTER)}", Filter(cursor=AFTER)),
    ],
)
def test_a_filter_is_parsed_from_its_parameters(address: str, wanted: Filter) -> None:
    assert read(address) == wanted


@pytest.mark.parametrize(
    ("address", "field", "message"),
    [
        ("amount_min=x", "amount_min", "amount_min must be a number"),
        ("amount_min=1e3", "amount_min", "amount_min must be a number"),
        ("amount_max=NaN", "amount_max", "amount_max must be a number"),
        ("amount_max=%D9%A1", "amount_max", "amount_max must be a number"),
        ("amount_min=2&amount_max=1.99", "amount_max", "amount_max must not be less than amount_min"),
        ("verdict=fraud", "verdict", "verdict must be one of suspect, clear, not_evaluable, any"),
        ("status=open", "status", "status must be one of provisional, final"),
        ("from=2026-11-21", "from", "from must be a time with UTC offset, as 2026-11-21T12:00:00Z"),
        ("to=1795262400", "to", "to must be a time with UTC offset, as 2026-11-21T12:00:00Z"),
        ("from=2026-11-21T12:00:00Z&to=2026-11-21T12:00:00Z", "to", "to must be later than from"),
        ("code=FRAUD", "code", "code must be one of " + ", ".join(ReasonCode)),
        ("currency=dollars", "currency", "currency must be a currency code, as USD"),
        ("token=4111111111111111", "token", "token must be the token of a card, a user or a device"),
        ("token=transaction_k1_AAAA", "token", "token must be the token of a card, a user or a device"),
        ("min_risk=101", "min_risk", "min_risk must be a whole number from 0 to 100"),
        ("min_risk=-1", "min_risk", "min_risk must be a whole number from 0 to 100"),
        ("limit=0", "limit", "limit must be a whole number from 1 to 200"),
        ("limit=201", "limit", "limit must be a whole number from 1 to 200"),
        ("sort=oldest", "sort", "sort must be one of newest, gravest"),
        ("merchant=" + "x" * 129, "merchant", "merchant must not be longer than 128 characters"),
        ("merchant=a&merchant=b", "merchant", "merchant occurs twice"),
        ("cursor=junk", "cursor", "cursor is not from a search result"),
        (f"sort=gravest&cursor={encode(AFTER)}", "cursor", "cursor is from a search with another sort order"),
    ],
)
def test_an_invalid_parameter_is_named_and_not_quoted(address: str, field: str, message: str) -> None:
    assert read(address) == FilterError(field, message)


def test_an_unknown_parameter_is_rejected() -> None:
    error = read("4111111111111111=1")
    assert isinstance(error, FilterError)
    assert "4111" not in error.message
