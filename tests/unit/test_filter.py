"""What an analyst asks for: read from the address, or complained about by name."""

from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest

from app.api.cases.filter import Filter, FilterError, read_filter
from app.api.cases.page_cursor import PageCursor, Sort, decode, encode
from app.api.cases.query import build_query, related_query, sort_clause
from schemas.codes.reason import ReasonCode
from schemas.verdict import Outcome, Status

NOON_US = 1_795_262_400_000_000
TOKEN = "card_k1_" + "A" * 52
AFTER = PageCursor(Sort.NEWEST, (1_795_262_400_000, "tx-1", TOKEN))


def read(address: str) -> Filter | FilterError:
    return read_filter(parse_qsl(address, keep_blank_values=True))


@pytest.mark.parametrize(
    ("address", "asked"),
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
def test_what_is_asked_for_is_read(address: str, asked: Filter) -> None:
    assert read(address) == asked


@pytest.mark.parametrize(
    ("address", "field", "sentence"),
    [
        ("amount_min=x", "amount_min", "amount_min is not a number"),
        ("amount_min=1e3", "amount_min", "amount_min is not a number"),
        ("amount_max=NaN", "amount_max", "amount_max is not a number"),
        ("amount_max=%D9%A1", "amount_max", "amount_max is not a number"),
        ("amount_min=2&amount_max=1.99", "amount_max", "amount_max is less than amount_min"),
        ("verdict=fraud", "verdict", "verdict is none of suspect, clear, not_evaluable, any"),
        ("status=open", "status", "status is none of provisional, final"),
        ("from=2026-11-21", "from", "from is not a time with its offset, as 2026-11-21T12:00:00Z"),
        ("to=1795262400", "to", "to is not a time with its offset, as 2026-11-21T12:00:00Z"),
        ("from=2026-11-21T12:00:00Z&to=2026-11-21T12:00:00Z", "to", "to is not after from"),
        ("code=FRAUD", "code", "code is none of " + ", ".join(ReasonCode)),
        ("currency=dollars", "currency", "currency is not the code of a currency, as USD"),
        ("token=4111111111111111", "token", "token is not the token of a card, a user or a device"),
        ("token=transaction_k1_AAAA", "token", "token is not the token of a card, a user or a device"),
        ("min_risk=101", "min_risk", "min_risk is not a whole number from 0 to 100"),
        ("min_risk=-1", "min_risk", "min_risk is not a whole number from 0 to 100"),
        ("limit=0", "limit", "limit is not a whole number from 1 to 200"),
        ("limit=201", "limit", "limit is not a whole number from 1 to 200"),
        ("sort=oldest", "sort", "sort is none of newest, gravest"),
        ("merchant=" + "x" * 129, "merchant", "merchant is longer than 128 characters"),
        ("merchant=a&merchant=b", "merchant", "merchant is given twice"),
        ("cursor=junk", "cursor", "cursor is none that a search has given"),
        (f"sort=gravest&cursor={encode(AFTER)}", "cursor", "cursor is of a search that is sorted otherwise"),
    ],
)
def test_what_cannot_be_used_is_named_and_not_quoted(address: str, field: str, sentence: str) -> None:
    assert read(address) == FilterError(field, sentence)


def test_a_parameter_that_no_search_has_is_refused() -> None:
    complaint = read("4111111111111111=1")
    assert isinstance(complaint, FilterError)
    assert "4111" not in complaint.message


@pytest.mark.parametrize(
    "after",
    [
        (),
        (1,),
        (1, "tx"),
        ("1", "tx", TOKEN),
        (1, 2, TOKEN),
        (-1, "tx", TOKEN),
        (2**60, "tx", TOKEN),
        (1, "tx", TOKEN, "more"),
    ],
)
def test_a_cursor_that_fits_no_order_is_none(after: tuple[Any, ...]) -> None:
    assert decode(encode(PageCursor(Sort.NEWEST, after))) is None


@pytest.mark.parametrize("text", ["%", "é", "AAAA", "W10", "x" * 5_000, encode(AFTER) + "==", "bnVsbA"])
def test_what_is_no_cursor_is_none(text: str) -> None:
    assert decode(text) in {None, AFTER}


@pytest.mark.parametrize("cursor", [AFTER, PageCursor(Sort.HIGHEST_RISK, (71, 1_795_262_400_000, "tx-é", TOKEN))])
def test_a_cursor_comes_back_as_it_went_out(cursor: PageCursor) -> None:
    assert decode(encode(cursor)) == cursor


# -- in the words of Elasticsearch


def clauses(address: str) -> list[dict[str, Any]]:
    asked = read("verdict=any&" + address)
    assert isinstance(asked, Filter)
    found: list[dict[str, Any]] = build_query(asked)["bool"]["filter"]
    return found


@pytest.mark.parametrize(
    ("address", "clause"),
    [
        ("status=final", {"term": {"status": "final"}}),
        ("code=NO_FIX", {"term": {"codes": "NO_FIX"}}),
        (f"token={TOKEN}", {"term": {"card_token": TOKEN}}),
        ("token=device_k1_AAAA", {"term": {"device_token": "device_k1_AAAA"}}),
        ("from=2026-11-21T12:00:00Z", {"range": {"timestamp": {"gte": "2026-11-21T12:00:00.000Z"}}}),
        ("to=2026-11-21T12:00:00Z", {"range": {"timestamp": {"lt": "2026-11-21T12:00:00.000Z"}}}),
        ("amount_min=10.10", {"range": {"amount": {"gte": "10.10"}}}),
        ("min_risk=0", {"range": {"risk": {"gte": 0}}}),
        ("q=tx", {"prefix": {"transaction_id": "tx"}}),
    ],
)
def test_a_filter_is_said_in_plain_queries(address: str, clause: dict[str, Any]) -> None:
    assert clauses(address) == [clause]


def test_what_is_asked_for_is_never_taken_for_a_pattern() -> None:
    (either,) = clauses("merchant=a*b?c%5C")
    name, id_ = either["bool"]["should"]
    assert name["regexp"]["merchant"] == {"value": r".*a\*b\?c\\.*", "case_insensitive": True}
    assert id_ == {"term": {"merchant_id": "a*b?c\\"}}


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("caf%C3%A9", ".*caf[Éé].*"),
        ("Stra%C3%9Fe", ".*Straße.*"),
        ("%E6%9D%B1+1", ".*東 1.*"),
        ("%22%23%40", r".*\"\#\@.*"),
    ],
)
def test_letters_of_every_script_are_found_in_either_case(text: str, expression: str) -> None:
    (either,) = clauses(f"merchant={text}")
    assert either["bool"]["should"][0]["regexp"]["merchant"]["value"] == expression


def test_nothing_asked_for_is_suspects() -> None:
    assert build_query(Filter()) == {"bool": {"filter": [{"term": {"verdict": "suspect"}}]}}


@pytest.mark.parametrize("sort", Sort)
def test_every_order_ends_with_what_parts_two_cases_of_one_moment(sort: Sort) -> None:
    assert [next(iter(one)) for one in sort_clause(sort)][-3:] == ["timestamp", "transaction_id", "card_token"]


def test_a_case_without_a_user_is_related_to_nobody_by_that() -> None:
    case = {"id": "t", "device_token": "d", "card_token": "c", "user_token": None}
    _, known = related_query(case)["bool"]["filter"]
    assert known["bool"]["should"] == [{"term": {"device_token": "d"}}, {"term": {"card_token": "c"}}]
