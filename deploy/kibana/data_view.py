"""Data views: the aliases in Elasticsearch with their time field and number formats."""

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
"""Number pattern by field."""


@dataclass(frozen=True, slots=True)
class DataView:
    """A data view of one alias. Its id is the alias, so that a further import replaces it and links stay valid."""

    alias: str
    title: str
    formats: Mapping[str, str] = field(default_factory=dict)

    def reference(self, name: str) -> Reference:
        """Return a reference to this data view."""
        return Reference(name, "index-pattern", self.alias)

    def saved_object(self) -> SavedObject:
        """Return the saved object."""
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
                "allowNoIndex": True,  # before the first document
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
    """The data views of one namespace: all verdicts, those that are or were suspect, and the analysts' feedback."""

    verdicts: DataView
    suspects: DataView
    feedback: DataView

    @classmethod
    def of(cls, namespace: str) -> "Views":
        """Return the data views with the alias names of `app.sinks.elasticsearch.sink`."""
        return cls(
            DataView(f"{namespace}-verdicts", f"{namespace}: verdicts", FORMATS),
            DataView(f"{namespace}-suspects", f"{namespace}: suspects", FORMATS),
            DataView(f"{namespace}-feedback", f"{namespace}: feedback"),
        )
