"""Translation of a filter into an Elasticsearch query, of basic query types that every server supports. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from app.api.cases.filter import Filter
from app.api.cases.page_cursor import NUMERIC_FIELDS, ORDER, Sort
from schemas.json.timestamps import format_us
from schemas.verdict import Outcome

TOKEN_FIELDS: Final = ("device_token", "user_token", "card_token")
_SPECIAL_CHARACTER: Final = re.compile(r"[^A-Za-z0-9\s\u0080-\U0010ffff]")

Clause = dict[str, Any]


def build_query(wanted: Filter) -> Clause:
    """Return the query of a filter. It does not score the documents."""
    return {"bool": {"filter": list(_clauses(wanted))}}


def sort_clause(sort: Sort) -> list[Clause]:
    """Return the sort clause. `unmapped_type` makes it valid while the dataset has no index."""
    return [
        {field: {"order": order, "unmapped_type": "long" if field in NUMERIC_FIELDS else "keyword"}}
        for field, order in ORDER[sort]
    ]


def ids_query(*ids: str) -> Clause:
    """Return a query for documents by their ids."""
    return {"ids": {"values": list(ids)}}


def related_query(case: Mapping[str, Any]) -> Clause:
    """Return a query for other suspects of the same device, user or card."""
    known = [{"term": {field: case[field]}} for field in TOKEN_FIELDS if case.get(field)]
    return {
        "bool": {
            "filter": [
                {"term": {"verdict": Outcome.SUSPECT}},
                {"bool": {"should": known, "minimum_should_match": 1}},
            ],
            "must_not": [ids_query(case["id"])],
        }
    }


def _clauses(wanted: Filter) -> Iterator[Clause]:
    terms = {
        "verdict": wanted.verdict,
        "status": wanted.status,
        "codes": wanted.code,
        "currency": wanted.currency,
        f"{wanted.token.partition('_')[0]}_token": wanted.token,
    }
    for field, value in terms.items():
        if value:
            yield {"term": {field: value}}
    yield from _ranges(wanted)
    if wanted.category:
        yield {"term": {"merchant_category": {"value": wanted.category, "case_insensitive": True}}}
    if wanted.rule:
        yield _any_of({"term": {"rule.name": wanted.rule}}, {"term": {"rule.preset": wanted.rule}})
    if wanted.merchant:
        name = {"regexp": {"merchant": {"value": _contains_pattern(wanted.merchant), "case_insensitive": True}}}
        yield _any_of(name, {"term": {"merchant_id": wanted.merchant}})
    if wanted.q:
        yield {"prefix": {"transaction_id": wanted.q}}


def _ranges(wanted: Filter) -> Iterator[Clause]:
    bounds = (
        ("timestamp", "gte", None if wanted.from_us is None else format_us(wanted.from_us)),
        ("timestamp", "lt", None if wanted.to_us is None else format_us(wanted.to_us)),
        ("amount", "gte", None if wanted.amount_min is None else str(wanted.amount_min)),
        ("amount", "lte", None if wanted.amount_max is None else str(wanted.amount_max)),
        ("risk", "gte", wanted.min_risk),
    )
    for field, side, bound in bounds:
        if bound is not None:
            yield {"range": {field: {side: bound}}}


def _contains_pattern(text: str) -> str:
    """Return a regular expression for values that contain the text, in any case.

    Elasticsearch itself ignores the case of ASCII letters only.
    """
    return ".*" + "".join(map(_either_case, text)) + ".*"


def _either_case(character: str) -> str:
    cases = {character.lower(), character.upper()}
    if character.isascii() or len(cases) == 1 or any(len(one) > 1 for one in cases):
        return _SPECIAL_CHARACTER.sub(r"\\\g<0>", character)
    return f"[{''.join(sorted(cases))}]"


def _any_of(*clauses: Clause) -> Clause:
    return {"bool": {"should": list(clauses), "minimum_should_match": 1}}
