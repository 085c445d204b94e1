"""The query: a filter in the query language of Elasticsearch."""

from typing import Any
from urllib.parse import parse_qsl

import pytest

from app.api.cases.filter import Filter, read_filter
from app.api.cases.page_cursor import Sort
from app.api.cases.query import build_query, related_query, sort_clause

TOKEN = "card_k1_" + "A" * 52


def clauses(address: str) -> list[dict[str, Any]]:
    wanted = read_filter(parse_qsl(f"verdict=any&{address}", keep_blank_values=True))
    assert isinstance(wanted, Filter)
    found: list[dict[str, Any]] = build_query(wanted)["bool"]["filter"]
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
def test_each_parameter_becomes_one_basic_clause(address: str, clause: dict[str, Any]) -> None:
    assert clauses(address) == [clause]


def test_a_merchant_is_never_a_pattern() -> None:
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
def test_a_merchant_matches_in_any_case_and_script(text: str, expression: str) -> None:
    (either,) = clauses(f"merchant={text}")
    assert either["bool"]["should"][0]["regexp"]["merchant"]["value"] == expression


def test_an_empty_filter_matches_suspects() -> None:
    assert build_query(Filter()) == {"bool": {"filter": [{"term": {"verdict": "suspect"}}]}}


@pytest.mark.parametrize("sort", Sort)
def test_every_order_ends_with_the_tie_breakers(sort: Sort) -> None:
    assert [next(iter(one)) for one in sort_clause(sort)][-3:] == ["timestamp", "transaction_id", "card_token"]


def test_a_case_without_a_user_is_not_related_by_user() -> None:
    case = {"id": "t", "device_token": "d", "card_token": "c", "user_token": None}
    _, known = related_query(case)["bool"]["filter"]
    assert known["bool"]["should"] == [{"term": {"device_token": "d"}}, {"term": {"card_token": "c"}}]
