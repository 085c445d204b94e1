"""Saved object: what Kibana keeps under a type and an id, and how it is written down for an import."""

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
"""By type, the version whose form ours have. Kibana turns older forms into its own and refuses those it does not know
yet; all of 9.x knows these. The forms are those of the sample data that Kibana 9 brings.
"""
CORE_VERSION: Final = "8.8.0"


@dataclass(frozen=True, slots=True)
class Reference:
    """One saved object that another one needs, by the name under which it does."""

    name: str
    type: str
    id: str

    def state(self) -> dict[str, str]:
        return {"name": self.name, "type": self.type, "id": self.id}

    def within(self, panel: str) -> "Reference":
        """The same, as the board calls it that has the panel."""
        return Reference(f"{panel}:{self.name}", self.type, self.id)


@dataclass(frozen=True, slots=True)
class SavedObject:
    """One saved object."""

    type: str
    id: str
    attributes: Mapping[str, Any]
    references: tuple[Reference, ...] = ()

    def line(self) -> str:
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
    """The file to import: an object a line."""
    return "".join(f"{one.line()}\n" for one in objects)


def compact(value: object) -> str:
    """JSON without blanks, the same for the same value."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def kuery(text: str) -> dict[str, str]:
    """A query in Kibana's language."""
    return {"query": text, "language": "kuery"}
