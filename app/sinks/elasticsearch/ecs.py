"""Fields of the Elastic Common Schema (ECS): aliases of a verdict's own fields, and the few fields that it lacks.

An alias needs no storage, and older documents have it as well.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from agents.rules.geo import distance_m
from app.sinks.elasticsearch.mappings import VERDICT
from schemas.codes.reject import Reject
from schemas.json.timestamps import format_us, parse_epoch_us
from schemas.verdict import FixEvidence, Outcome, Verdict

ALIASES: Final[Mapping[str, str]] = {
    "@timestamp": "timestamp",
    "transaction.id": "transaction_id",
    "destination.geo.location": "place",
    "user.hash": "user_token",
    "device.id": "device_token",
    "event.reason": "reason",
    "event.risk_score": "risk",
}
"""Verdict field by ECS name. `rule.name` and `rule.version` have the same name in both."""

EXTRA_FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    "event.kind": {"type": "keyword"},
    "event.ingested": {"type": "date"},
    "source.geo.location": {"type": "geo_point"},
    "geovelocity.stored_after_s": {"type": "double"},
}
"""Mappings of the fields that `extra_fields` adds to a verdict."""


def _properties() -> dict[str, Any]:
    """Return all fields. Those without an ECS name get an alias `geovelocity.*`, except `rule.*`, which is in ECS."""
    own = dict(_leaves(VERDICT["properties"]))
    rest = {f"geovelocity.{name}": name for name in own.keys() - set(ALIASES.values()) if not name.startswith("rule.")}
    aliases = {name: {"type": "alias", "path": path} for name, path in sorted({**ALIASES, **rest}.items())}
    return dict(VERDICT["properties"]) | _nested({**aliases, **EXTRA_FIELDS})


def extra_fields(verdict: Verdict, now_s: float) -> dict[str, Any]:
    """Return the fields that a document has besides its verdict. `now_s`: seconds since the epoch.

    `source.geo.location` is the location of the phone by the binding fix, coarsened to a kilometre. It is absent
    without such a fix. `stored_after_s` is the time from the payment to the storing of this revision. It is negative
    where a terminal's clock is fast.
    """
    fields: dict[str, Any] = {
        "event.kind": "alert" if verdict.verdict is Outcome.SUSPECT else "event",
        "event.ingested": format_us(round(now_s * 1_000) * 1_000),
    }
    paid_us = parse_epoch_us(verdict.timestamp)
    if not isinstance(paid_us, Reject):
        fields["geovelocity.stored_after_s"] = round(now_s - paid_us / 1e6, 3)
    if (fix := binding_fix(verdict)) is not None:
        fields["source.geo.location"] = {"lat": fix.latitude, "lon": fix.longitude}
    return _nested(fields, between=None)


def binding_fix(verdict: Verdict) -> FixEvidence | None:
    """Return the fix that `elapsed_s` and `distance_m` measure: the closest match in time, then in distance."""
    fixes = [fix for fix in (verdict.fix_before, verdict.fix_after) if fix is not None]
    paid_us = parse_epoch_us(verdict.timestamp)
    if verdict.elapsed_s is None or isinstance(paid_us, Reject):
        return None
    elapsed_s, place, measured_m = verdict.elapsed_s, verdict.place, verdict.distance_m or 0.0

    def deviation(fix: FixEvidence) -> tuple[float, float]:
        at_us = parse_epoch_us(fix.at)
        if isinstance(at_us, Reject):
            return float("inf"), 0.0
        fix_m = distance_m(fix.latitude, fix.longitude, place.lat, place.lon) if place is not None else measured_m
        return round(abs(abs(at_us - paid_us) / 1e6 - elapsed_s), 3), abs(fix_m - measured_m)

    return min(fixes, key=deviation, default=None)


def _leaves(fields: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every searchable field with its path."""
    for name, field in fields.items():
        if "properties" in field:
            yield from _leaves(field["properties"], f"{prefix}{name}.")
        elif field.get("enabled", True):
            yield prefix + name, field


def _nested(fields: Mapping[str, Any], between: str | None = "properties") -> dict[str, Any]:
    """Return dotted paths as nested objects. In a mapping, `between` separates the levels."""
    tree: dict[str, Any] = {}
    for path, value in fields.items():
        *above, last = path.split(".")
        here = tree
        for name in above:
            here = here.setdefault(name, {})
            here = here if between is None else here.setdefault(between, {})
        here[last] = value
    return tree


MAPPING: Final[dict[str, Any]] = VERDICT | {"properties": _properties()}
"""The mapping of a document: the verdict's fields, their ECS aliases, and the extra fields."""
