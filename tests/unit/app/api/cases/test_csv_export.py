"""The CSV export: published fields, and no text that a spreadsheet would run."""

import csv
import io
from typing import Any

import msgspec
import pytest

from app.api.cases.csv_export import COLUMNS, header, rows
from schemas.verdict import Outcome, Verdict
from tests.support.make import verdict


def table(*verdicts: Verdict) -> list[dict[str, str]]:
    cases = [msgspec.to_builtins(one) for one in verdicts]
    return list(csv.DictReader(io.StringIO((header() + rows(cases)).decode(), newline="")))


def test_every_case_is_one_row_under_the_same_header() -> None:
    found = table(verdict(1), verdict(2, verdict=Outcome.SUSPECT, risk=71, codes=("UNREACHABLE_BEFORE", "NO_FIX")))
    assert [row["transaction_id"] for row in found] == ["tx-1", "tx-2"]
    assert {row["amount"] for row in found} == {"481.84"}
    assert (found[1]["verdict"], found[1]["risk"], found[1]["codes"]) == ("suspect", "71", "UNREACHABLE_BEFORE NO_FIX")
    assert (found[1]["place_lat"], found[1]["place_lon"], found[1]["preset"]) == ("40.0", "-75.0", "default")


def test_an_unknown_value_is_an_empty_cell() -> None:
    (row,) = table(verdict(place=None, user_token=None, currency=None, distance_m=None))
    assert {row[name] for name in ("place_lat", "place_lon", "user_token", "currency", "distance_m")} == {""}


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "=cmd|' /C calc'!A0"])
@pytest.mark.parametrize("field", ["merchant", "transaction_id", "merchant_category", "reason", "transaction_device"])
def test_a_text_that_looks_like_a_formula_gets_an_apostrophe(field: str, evil: str) -> None:
    (row,) = table(msgspec.structs.replace(verdict(), **{field: evil}))
    assert row[field] == f"'{evil}"


@pytest.mark.parametrize("harmless", ["a=1", "1-2", "Müller & Söhne", 'He said "no", twice', "two\nlines", "'quoted"])
def test_any_other_text_is_unchanged(harmless: str) -> None:
    (row,) = table(verdict(merchant=harmless))
    assert row["merchant"] == harmless


def test_a_negative_number_stays_a_number() -> None:
    (row,) = table(verdict())
    assert float(row["place_lon"]) == -75.0


def test_every_column_accepts_a_case_without_values() -> None:
    empty: dict[str, Any] = {"codes": []}
    assert rows([empty]).decode().strip() == "," * (len(COLUMNS) - 1)
