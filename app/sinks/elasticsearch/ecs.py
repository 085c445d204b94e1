"""Elastic Common Schema: its names for what a verdict says, and the few fields that a verdict has not.

A name that says what a verdict's own field says is an alias of it: it costs nothing, and older documents have it, too.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from agents.rules.geo import distance_m
from app.sinks.elasticsearch.mappings import VERDICT
from schemas.codes.reject import Reject
from schemas.json.timestamps import format_us, parse_epoch_us
from schemas.verdict import FixEvidence, Outcome, Verdict

SAME: Final[Mapping[str, str]] = {
    "@timestamp": "timestamp",
    "transaction.id": "transaction_id",
    "destination.geo.location": "place",
    "user.hash": "user_token",
    "device.id": "device_token",
    "event.reason": "reason",
    "event.risk_score": "risk",
}
"""By name in the schema, the verdict's own field. `rule.name` and `rule.version` are called so already."""

BESIDE: Final[Mapping[str, Mapping[str, str]]] = {
    "event.kind": {"type": "keyword"},
    "event.ingested": {"type": "date"},
    "source.geo.location": {"type": "geo_point"},
    "geovelocity.stored_after_s": {"type": "double"},
}
"""What a document has beside its verdict; see `beside`."""


def _properties() -> dict[str, Any]:
    """Whatever the schema has no name for is also `geovelocity.*`, but for `rule.*`, which is the schema's."""
    own = dict(_leaves(VERDICT["properties"]))
    rest = {f"geovelocity.{name}": name for name in own.keys() - set(SAME.values()) if not name.startswith("rule.")}
    aliases = {name: {"type": "alias", "path": path} for name, path in sorted({**SAME, **rest}.items())}
    return dict(VERDICT["properties"]) | _nested({**aliases, **BESIDE})


def extra_fields(verdict: Verdict, now_s: float) -> dict[str, Any]:
    """What a document has beside its verdict.

    `source.geo.location` is where the phone was, to a kilometre, by the fix the numbers are those of; absent where
    there is none. `stored_after_s` counts from the payment's own time: it is about the revision that is stored, and
    below zero where a till's clock is fast.
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
    """The fix of which `elapsed_s` and `distance_m` tell: it is as far from the payment, in time, then in space."""
    fixes = [fix for fix in (verdict.fix_before, verdict.fix_after) if fix is not None]
    paid_us = parse_epoch_us(verdict.timestamp)
    if verdict.elapsed_s is None or isinstance(paid_us, Reject):
        return None
    elapsed_s, place, apart_m = verdict.elapsed_s, verdict.place, verdict.distance_m or 0.0

    def strays(fix: FixEvidence) -> tuple[float, float]:
        at_us = parse_epoch_us(fix.at)
        if isinstance(at_us, Reject):
            return float("inf"), 0.0
        away_m = distance_m(fix.latitude, fix.longitude, place.lat, place.lon) if place is not None else apart_m
        return round(abs(abs(at_us - paid_us) / 1e6 - elapsed_s), 3), abs(away_m - apart_m)

    return min(fixes, key=strays, default=None)


def _leaves(fields: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every field that can be searched by, with its path."""
    for name, field in fields.items():
        if "properties" in field:
            yield from _leaves(field["properties"], f"{prefix}{name}.")
        elif field.get("enabled", True):
            yield prefix + name, field


def _nested(fields: Mapping[str, Any], between: str | None = "properties") -> dict[str, Any]:
    """Paths as objects in objects; in a mapping, `properties` stand between a name and what is in it."""
    tree: dict[str, Any] = {}
    for path, value in fields.items():
        *above, last = path.split(".")
        here = tree
        for name in above:
            here = here.setdefault(name, {})
            here = here if between is None else here.setdefault(between, {})
        here[last] = value
    return tree


DOCUMENT: Final[dict[str, Any]] = VERDICT | {"properties": _properties()}
"""The mapping of a document: the verdict's fields, the schema's names for them, and what stands beside them."""
