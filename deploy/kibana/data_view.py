"""Data view: one of the aliases in Elasticsearch, with its time field and how its numbers are shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from deploy.kibana.saved_object import Reference, SavedObject, compact

TIME_FIELD: Final = "timestamp"
FORMATS: Final[Mapping[str, str]] = {
    "amount": "0,0.00",
    "distance_m": "0,0",
    "least_distance_m": "0,0",
    "elapsed_s": "0,0.0",
    "implied_speed_mps": "0,0.0",
    "reported_speed_mps": "0,0.0",
    "allowed_speed_mps": "0,0.0",
    "geovelocity.stored_after_s": "0,0.00",
}
"""By field, the pattern its numbers are shown with."""


@dataclass(frozen=True, slots=True)
class DataView:
    """One alias. Its id is the alias, so that importing again replaces it and links to it last."""

    alias: str
    title: str
    formats: Mapping[str, str] = field(default_factory=dict)

    def reference(self, name: str) -> Reference:
        return Reference(name, "index-pattern", self.alias)

    def saved(self) -> SavedObject:
        formats: dict[str, Any] = {
            name: {"id": "number", "params": {"pattern": pattern}} for name, pattern in self.formats.items()
        }
        return SavedObject(
            "index-pattern",
            self.alias,
            {
                "title": self.alias,
                "name": self.title,
                "timeFieldName": TIME_FIELD,
                "allowNoIndex": True,  # until there is something to show
                "fieldFormatMap": compact(formats),
                "fieldAttrs": "{}",
                "fields": "[]",
                "runtimeFieldMap": "{}",
                "sourceFilters": "[]",
                "typeMeta": "{}",
            },
        )


@dataclass(frozen=True, slots=True)
class Views:
    """The data views of one namespace: all that was said, what is or was suspect, and what analysts say of it."""

    verdicts: DataView
    suspects: DataView
    feedback: DataView

    @classmethod
    def of(cls, namespace: str) -> "Views":
        """Called as `app.sinks.elasticsearch.sink` calls its aliases."""
        return cls(
            DataView(f"{namespace}-verdicts", f"{namespace}: verdicts", FORMATS),
            DataView(f"{namespace}-suspects", f"{namespace}: suspects", FORMATS),
            DataView(f"{namespace}-feedback", f"{namespace}: feedback"),
        )
