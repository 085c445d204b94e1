"""JSON Schemas of an app's messages for the OpenAPI document, and the parts that several apps share.

The schemas use the limits that the translators enforce. Translators ignore unknown fields.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from schemas.json.timestamps import FIRST_US, LAST_US

Schema = dict[str, Any]

LATITUDE: Final[Schema] = {"type": "number", "minimum": -90, "maximum": 90}
LONGITUDE: Final[Schema] = {"type": "number", "minimum": -180, "maximum": 180}
NUMBER: Final[Schema] = {"type": "number"}
TEXT: Final[Schema] = {"type": "string"}
EPOCH_S: Final[Schema] = {
    "type": "number",
    "minimum": FIRST_US // 10**6,
    "exclusiveMaximum": LAST_US // 10**6,
    "description": "epoch seconds",
}
ISO_TIME: Final[Schema] = {"type": "string", "format": "date-time"}
OPTIONAL_TEXT: Final[Schema] = {"type": ["string", "null"]}
OPTIONAL_BOOLEAN: Final[Schema] = {"type": ["boolean", "null"]}


@dataclass(frozen=True, slots=True)
class MessageSchemas:
    """Schemas of one app's messages.

    `bodies`: media type to schema of a POST body. `query`: parameter name to schema. `named`: schemas that `ref` can
    name, in the document's `components`; their names must be unique among all apps.
    """

    bodies: Mapping[str, Schema]
    query: Mapping[str, Schema] = field(default_factory=dict)
    named: Mapping[str, Schema] = field(default_factory=dict)


def ref(name: str) -> Schema:
    """Return a reference to a named schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def readings(names: Iterable[str]) -> dict[str, Schema]:
    """Return a schema for each sensor reading: a number, or null where the phone does not know it."""
    return {name: {"type": ["number", "null"]} for name in names}


def form(fields: Mapping[str, Schema]) -> Schema:
    """Return the schema of a form with these fields, all optional: they may be in the query instead."""
    return {"type": "object", "properties": dict(fields)}
