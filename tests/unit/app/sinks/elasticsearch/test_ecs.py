"""Fields of the Elastic Common Schema in documents: aliases and extra fields."""

from typing import Any

import pytest

from app.sinks.elasticsearch.ecs import ALIASES, EXTRA_FIELDS, MAPPING, binding_fix, extra_fields
from app.sinks.elasticsearch.mappings import VERDICT
from schemas.verdict import FixEvidence, MerchantLocation, Outcome, Verdict
from tests.support.make import HOME, NOON_MS, verdict

NOON_S = NOON_MS / 1000


def fix(at: str, latitude: float) -> FixEvidence:
    return FixEvidence(at=at, horizontal_accuracy_m=5.0, speed_mps=None, latitude=latitude, longitude=HOME[1])


BEFORE, AFTER = fix("2026-11-21T11:58:00.000Z", 41.0), fix("2026-11-21T12:00:30.500Z", 42.0)
EQUALLY_LATE = fix("2026-11-21T12:02:00.000Z", 42.0)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (verdict(fix_before=BEFORE, fix_after=AFTER, elapsed_s=120.0), BEFORE),
        (verdict(fix_before=BEFORE, fix_after=AFTER, elapsed_s=30.5), AFTER),
        (verdict(fix_before=BEFORE, elapsed_s=120.0), BEFORE),
        (verdict(fix_before=BEFORE, fix_after=EQUALLY_LATE, elapsed_s=120.0, distance_m=222_000.0), EQUALLY_LATE),
        (verdict(fix_before=BEFORE, fix_after=EQUALLY_LATE, elapsed_s=120.0, distance_m=111_000.0), BEFORE),
        (verdict(fix_before=fix("yesterday", 40.0), fix_after=AFTER, elapsed_s=30.5), AFTER),
        (verdict(fix_before=BEFORE, elapsed_s=120.0, place=None, distance_m=None), BEFORE),
        (verdict(fix_before=BEFORE, elapsed_s=None), None),
        (verdict(elapsed_s=1.0), None),
    ],
)
def test_the_location_of_the_phone_is_that_of_the_binding_fix(given: Verdict, wanted: FixEvidence | None) -> None:
    assert binding_fix(given) == wanted
    location = None if wanted is None else {"lat": wanted.latitude, "lon": wanted.longitude}
    assert extra_fields(given, NOON_S).get("source", {}).get("geo", {}).get("location") == location


@pytest.mark.parametrize(
    ("outcome", "kind"), [(Outcome.SUSPECT, "alert"), (Outcome.CLEAR, "event"), (Outcome.NOT_EVALUABLE, "event")]
)
def test_a_suspect_is_an_alert_and_another_verdict_an_event(outcome: Outcome, kind: str) -> None:
    assert extra_fields(verdict(verdict=outcome), NOON_S)["event"]["kind"] == kind


def test_the_storing_time_counts_from_the_payment() -> None:
    fields = extra_fields(verdict(), NOON_S + 1.2344)
    assert fields["event"]["ingested"] == "2026-11-21T12:00:01.234Z"
    assert fields["geovelocity"] == {"stored_after_s": 1.234}


def test_an_invalid_timestamp_leaves_the_storing_time_out() -> None:
    assert "geovelocity" not in extra_fields(verdict(timestamp="noon", fix_before=BEFORE, elapsed_s=1.0), NOON_S)


def at(path: str, fields: dict[str, Any]) -> dict[str, Any]:
    first, _, rest = path.partition(".")
    found: dict[str, Any] = fields[first]
    return at(rest, found["properties"]) if rest else found


def paths(fields: dict[str, Any], prefix: str = "") -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, field in fields.items():
        inner = paths(field["properties"], f"{prefix}{name}.") if "properties" in field else {prefix + name: field}
        found |= inner
    return found


def test_every_searchable_field_of_a_verdict_has_exactly_one_alias() -> None:
    aliases = {name: field["path"] for name, field in paths(MAPPING["properties"]).items() if field["type"] == "alias"}
    own = {name for name, field in paths(VERDICT["properties"]).items() if field["type"] != "object"}
    assert aliases.items() >= ALIASES.items()
    assert set(aliases.values()) == {name for name in own if not name.startswith("rule.")}
    assert len(set(aliases.values())) == len(aliases), "no field has two aliases"


def test_the_mapping_keeps_the_own_fields_of_a_verdict() -> None:
    assert {name: MAPPING["properties"][name] for name in VERDICT["properties"]} == VERDICT["properties"]
    assert MAPPING["dynamic"] == "strict"
    assert all(at(name, MAPPING["properties"]) == field for name, field in EXTRA_FIELDS.items())


def test_every_extra_field_is_in_the_mapping() -> None:
    given = verdict(place=MerchantLocation(*HOME), fix_before=BEFORE, elapsed_s=120.0)
    leaves = {
        f"{one}.{two}" for one, two in (("event", "kind"), ("event", "ingested"), ("geovelocity", "stored_after_s"))
    }
    fields = extra_fields(given, NOON_S)
    assert {f"{one}.{two}" for one, inner in fields.items() for two in inner} == leaves | {"source.geo"}
    assert leaves | {"source.geo.location"} == set(EXTRA_FIELDS)
