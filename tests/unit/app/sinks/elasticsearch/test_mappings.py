"""Mappings derived from the structs of documents."""

from typing import Any

import msgspec
import pytest

from app.sinks.elasticsearch.mappings import FEEDBACK, VERDICT, mapping_of


def types(mapping: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Return the type of each field by its path."""
    found: dict[str, str] = {}
    for name, field in mapping["properties"].items():
        inner = types(field, f"{prefix}{name}.") if "properties" in field else {prefix + name: field["type"]}
        found |= inner
    return found


@pytest.mark.parametrize(
    ("path", "type_"),
    [
        ("transaction_id", "keyword"),
        ("timestamp", "date"),
        ("amount", "double"),
        ("place", "geo_point"),
        ("verdict", "keyword"),
        ("revision", "integer"),
        ("codes", "keyword"),
        ("reason", "text"),
        ("rule.version", "keyword"),
        ("rule.parameters", "object"),
        ("distance_m", "double"),
        ("fix_before.at", "date"),
        ("fix_after.horizontal_accuracy_m", "double"),
        ("other_payment.place", "geo_point"),
        ("risk_parts.amount", "integer"),
        ("episode_number", "integer"),
    ],
)
def test_a_field_of_a_verdict_has_the_type_that_dashboards_need(path: str, type_: str) -> None:
    assert types(VERDICT)[path] == type_


def test_the_feedback_is_mapped_without_its_id() -> None:
    assert types(FEEDBACK) == {
        "transaction_id": "keyword",
        "timestamp": "date",
        "device_token": "keyword",
        "verdict": "keyword",
        "note": "text",
        "analyst": "keyword",
        "given_at": "date",
        "revision": "integer",
    }


def test_every_object_rejects_unknown_fields() -> None:
    def objects(mapping: dict[str, Any]) -> list[dict[str, Any]]:
        inner = [one for field in mapping["properties"].values() if "properties" in field for one in objects(field)]
        return [mapping, *inner]

    assert {one["dynamic"] for mapping in (VERDICT, FEEDBACK) for one in objects(mapping)} == {"strict"}


class Unmapped(msgspec.Struct):
    """A struct with a type that has no mapping."""

    is_new: bool


def test_a_type_without_a_mapping_is_an_error_with_its_field() -> None:
    with pytest.raises(TypeError, match="is_new has a type without a mapping"):
        mapping_of(Unmapped)
