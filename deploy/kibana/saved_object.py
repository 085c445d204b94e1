"""Saved objects: what Kibana stores by type and id, and their form in an import file."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

TYPE_VERSIONS: Final[Mapping[str, str]] = {
    "index-pattern": "8.0.0",
    "search": "7.9.3",
    "map": "8.4.0",
    "dashboard": "10.2.0",
}
"""Model version by type. Kibana migrates older versions and rejects newer ones. All of 9.x accepts these, which are the
versions of the sample data in Kibana 9.
"""

CORE_VERSION: Final = "8.8.0"


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to a saved object, by a name within the referring object."""

    name: str
    type: str
    id: str

    def state(self) -> dict[str, str]:
        """Return the reference as Kibana stores it."""
        return {"name": self.name, "type": self.type, "id": self.id}

    def within(self, panel: str) -> "Reference":
        """Return the reference as the dashboard with this panel names it."""
        return Reference(f"{panel}:{self.name}", self.type, self.id)


@dataclass(frozen=True, slots=True)
class SavedObject:
    """A saved object. `attributes`: its content, by type."""

    type: str
    id: str
    attributes: Mapping[str, Any]
    references: tuple[Reference, ...] = ()

    def line(self) -> str:
        """Return the line of the import file, without a line end."""
        return compact(
            {
                "attributes": self.attributes,
                "coreMigrationVersion": CORE_VERSION,
                "id": self.id,
                "managed": False,
                "references": [reference.state() for reference in self.references],
                "type": self.type,
                "typeMigrationVersion": TYPE_VERSIONS[self.type],
            }
        )


def ndjson(objects: Iterable[SavedObject]) -> str:
    """Return the import file, one object per line."""
    return "".join(f"{one.line()}\n" for one in objects)


def compact(value: object) -> str:
    """Return JSON without blanks. Equal values give equal text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def kuery(text: str) -> dict[str, str]:
    """Return a query in Kibana's query language."""
    return {"query": text, "language": "kuery"}
