"""Query: a filter in Elasticsearch's words. Pure; plain queries alone, which every server has."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from app.api.cases.filter import Filter
from app.api.cases.page_cursor import NUMBERS, ORDER, Sort
from schemas.json.timestamps import format_us
from schemas.verdict import Outcome

TOKENS: Final = ("device_token", "user_token", "card_token")
_SIGN: Final = re.compile(r"[^A-Za-z0-9\s\u0080-\U0010ffff]")

Clause = dict[str, Any]


def build_query(asked: Filter) -> Clause:
    """Documents that the filter lets through. Nothing is scored."""
    return {"bool": {"filter": list(_clauses(asked))}}


def sort_clause(sort: Sort) -> list[Clause]:
    """For a shelf with no index yet, too, where no field is known."""
    return [
        {field: {"order": order, "unmapped_type": "long" if field in NUMBERS else "keyword"}}
        for field, order in ORDER[sort]
    ]


def ids_query(*ids: str) -> Clause:
    return {"ids": {"values": list(ids)}}


def related_query(case: Mapping[str, Any]) -> Clause:
    """Other suspects of the same device, user or card."""
    known = [{"term": {field: case[field]}} for field in TOKENS if case.get(field)]
    return {
        "bool": {
            "filter": [
                {"term": {"verdict": Outcome.SUSPECT}},
                {"bool": {"should": known, "minimum_should_match": 1}},
            ],
            "must_not": [ids_query(case["id"])],
        }
    }


def _clauses(asked: Filter) -> Iterator[Clause]:
    terms = {
        "verdict": asked.verdict,
        "status": asked.status,
        "codes": asked.code,
        "currency": asked.currency,
        f"{asked.token.partition('_')[0]}_token": asked.token,
    }
    for field, value in terms.items():
        if value:
            yield {"term": {field: value}}
    yield from _ranges(asked)
    if asked.category:
        yield {"term": {"merchant_category": {"value": asked.category, "case_insensitive": True}}}
    if asked.rule:
        yield _any({"term": {"rule.name": asked.rule}}, {"term": {"rule.preset": asked.rule}})
    if asked.merchant:
        name = {"regexp": {"merchant": {"value": _anywhere(asked.merchant), "case_insensitive": True}}}
        yield _any(name, {"term": {"merchant_id": asked.merchant}})
    if asked.q:
        yield {"prefix": {"transaction_id": asked.q}}


def _ranges(asked: Filter) -> Iterator[Clause]:
    bounds = (
        ("timestamp", "gte", None if asked.from_us is None else format_us(asked.from_us)),
        ("timestamp", "lt", None if asked.to_us is None else format_us(asked.to_us)),
        ("amount", "gte", None if asked.amount_min is None else str(asked.amount_min)),
        ("amount", "lte", None if asked.amount_max is None else str(asked.amount_max)),
        ("risk", "gte", asked.min_risk),
    )
    for field, side, bound in bounds:
        if bound is not None:
            yield {"range": {field: {side: bound}}}


def _anywhere(text: str) -> str:
    """An expression for whatever has this text in it, in letters of either case.

    The server itself looks past the case of ASCII letters alone.
    """
    return ".*" + "".join(map(_either_case, text)) + ".*"


def _either_case(character: str) -> str:
    cases = {character.lower(), character.upper()}
    if character.isascii() or len(cases) == 1 or any(len(one) > 1 for one in cases):
        return _SIGN.sub(r"\\\g<0>", character)
    return f"[{''.join(sorted(cases))}]"


def _any(*clauses: Clause) -> Clause:
    return {"bool": {"should": list(clauses), "minimum_should_match": 1}}
