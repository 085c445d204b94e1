"""The mappings of documents in Elasticsearch, derived from the structs in `schemas`.

They are `strict`: Elasticsearch rejects a document with a field that has no mapping, where it would guess a type by
default.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import inspect

from schemas.feedback import Feedback
from schemas.verdict import MerchantLocation, Verdict

_DATE: Final = {"type": "date"}
_INTEGER: Final = {"type": "integer"}
_KEYWORD: Final = {"type": "keyword", "ignore_above": 256}
_NUMBER: Final = {"type": "double"}
_TEXT: Final = {"type": "text"}

_STRINGS: Final[Mapping[str, Mapping[str, Any]]] = {
    "timestamp": _DATE,
    "at": _DATE,
    "given_at": _DATE,
    "amount": _NUMBER,  # the exact decimal stays in the source
    "reason": _TEXT,
    "note": _TEXT,
}
"""Mappings of string fields that are no keywords, by name."""

_BY_TYPE: Final[Mapping[type[inspect.Type], Mapping[str, Any]]] = {
    inspect.EnumType: _KEYWORD,
    inspect.IntType: _INTEGER,
    inspect.FloatType: _NUMBER,
    inspect.DictType: {"type": "object", "enabled": False},  # stored, not searchable: its keys are no fixed fields
}


def mapping_of(struct: type[msgspec.Struct], without: str = "") -> dict[str, Any]:
    """Return the mapping of a struct, without the field that becomes the document's id.

    Raises:
        TypeError: a field has a type that is not mapped yet.
    """
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)  # noqa: S101 - as the argument says
    return _object({field.encode_name: field.type for field in info.fields if field.encode_name != without})


def _object(fields: Mapping[str, inspect.Type]) -> dict[str, Any]:
    return {"dynamic": "strict", "properties": {name: _field(name, type_) for name, type_ in fields.items()}}


def _field(name: str, type_: inspect.Type) -> Mapping[str, Any]:
    match type_:
        case inspect.UnionType(types=(one, inspect.NoneType())):
            return _field(name, one)
        case inspect.VarTupleType(item_type=item):  # Elasticsearch maps an array like its elements
            return _field(name, item)
        case inspect.StrType():
            return _STRINGS.get(name, _KEYWORD)
        case inspect.StructType(cls=cls) if cls is MerchantLocation:
            return {"type": "geo_point"}
        case inspect.StructType(fields=fields):
            return _object({field.encode_name: field.type for field in fields})
    if type(type_) not in _BY_TYPE:
        raise TypeError(f"{name} has a type without a mapping: add it to app.sinks.elasticsearch.mappings")
    return _BY_TYPE[type(type_)]


VERDICT: Final = mapping_of(Verdict, without="id")
FEEDBACK: Final = mapping_of(Feedback, without="id")
