"""Column: what a panel groups by or counts, as Kibana's Lens writes it down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from deploy.kibana.data_view import TIME_FIELD
from deploy.kibana.saved_object import kuery

RECORDS: Final = "___records___"
"""Lens's name for the documents themselves."""

SPANS_FORMAT: Final[Mapping[str, Any]] = {
    "id": "range",
    "params": {"template": "arrow_right", "replaceInfinity": True},
}
WHEN: Final = "when"
NUMBER: Final = "number"


@dataclass(frozen=True, slots=True)
class Column:
    """One column, of a field. `groups`: it makes rows; the others are numbers of each row."""

    id: str
    label: str
    operation: str
    of: str | None = RECORDS
    data_type: str = "number"
    scale: str = "ratio"
    groups: bool = False
    params: Mapping[str, Any] = field(default_factory=dict)
    kql: str = ""
    others: Mapping[str, Any] = field(default_factory=dict)

    def state(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "customLabel": True,
            "dataType": self.data_type,
            "operationType": self.operation,
            "isBucketed": self.groups,
            "scale": self.scale,
            **({} if self.of is None else {"sourceField": self.of}),
            "params": dict(self.params),
            **({"filter": kuery(self.kql)} if self.kql else {}),
            **self.others,
        }


def by_time() -> Column:
    """As many steps as fit; Kibana chooses them for the time that is looked at."""
    params = {"interval": "auto", "includeEmptyRows": True, "dropPartials": False}
    return Column(
        WHEN, "time of the payment", "date_histogram", TIME_FIELD, "date", "interval", groups=True, params=params
    )


def top(name: str, label: str, size: int, by: str = NUMBER) -> Column:
    """The values of a field with the most of the column `by`."""
    order = {"type": "column", "columnId": by}
    return _values(name, label, {"size": size, "orderBy": order, "orderDirection": "desc"})


def each(name: str, label: str, size: int, data_type: str = "string") -> Column:
    """The values of a field in their own order."""
    order = {"type": "alphabetical", "fallback": False}
    return _values(name, label, {"size": size, "orderBy": order, "orderDirection": "asc"}, data_type)


def _values(name: str, label: str, params: Mapping[str, Any], data_type: str = "string") -> Column:
    whole = {**params, "otherBucket": False, "missingBucket": False, "parentFormat": {"id": "terms"}}
    return Column(_id(name), label, "terms", name, data_type, "ordinal", groups=True, params=whole)


def spans(name: str, label: str, edges: Sequence[float], unit: str) -> Column:
    """A histogram whose bars are as wide as one says: from edge to edge, and beyond the last."""
    ends: list[float | None] = [*edges[1:], None]
    ranges = [{"from": low, "to": high, "label": _span(low, high, unit)} for low, high in zip(edges, ends, strict=True)]
    params = {"type": "range", "ranges": ranges, "maxBars": "auto", "parentFormat": SPANS_FORMAT}
    return Column(_id(name), label, "range", name, "string", "ordinal", groups=True, params=params)


def number(label: str, kql: str = "") -> Column:
    return Column(NUMBER, label, "count", params={"emptyAsNull": False}, kql=kql)


def a_minute(label: str) -> Column:
    """Documents a minute, however long the steps of time are."""
    return Column(NUMBER, label, "count", params={"emptyAsNull": False}, others={"timeScale": "m"})


def total(name: str, label: str) -> Column:
    return Column(f"total-{_id(name)}", label, "sum", name, params={"emptyAsNull": False})


def highest(name: str, label: str, data_type: str = "number") -> Column:
    return Column(f"highest-{_id(name)}", label, "max", name, data_type, params={"emptyAsNull": True})


def average(name: str, label: str) -> Column:
    return Column(f"average-{_id(name)}", label, "average", name, params={"emptyAsNull": True})


def distinct(name: str, label: str) -> Column:
    return Column(f"distinct-{_id(name)}", label, "unique_count", name, params={"emptyAsNull": False})


def median(name: str, label: str) -> Column:
    return Column(f"median-{_id(name)}", label, "median", name, params={"emptyAsNull": True})


def percentile(name: str, percent: int, label: str) -> Column:
    params = {"percentile": percent, "emptyAsNull": True}
    return Column(f"p{percent}-{_id(name)}", label, "percentile", name, params=params)


def share(label: str, kql: str) -> tuple[Column, ...]:
    """The share of documents for which `kql` holds: a formula, with the parts that Lens takes it to."""
    text = f"count(kql='{kql}') / count()"
    part = f"Part of {label}"
    name = "share"
    some, everything, divided = (f"{name}X{part_number}" for part_number in range(3))
    tree = {
        "type": "function",
        "name": "divide",
        "args": [some, everything],
        "location": {"min": 0, "max": len(text)},
        "text": text,
    }
    shown = {"id": "percent", "params": {"decimals": 2}}
    counted = {"emptyAsNull": False}
    return (
        Column(
            name,
            label,
            "formula",
            None,
            params={"formula": text, "isFormulaBroken": False, "format": shown},
            others={"references": [divided]},
        ),
        Column(some, part, "count", params=counted, kql=kql),
        Column(everything, part, "count", params=counted),
        Column(divided, part, "math", None, params={"tinymathAst": tree}, others={"references": [some, everything]}),
    )


def _id(name: str) -> str:
    return name.replace(".", "-")


def _span(low: float, high: float | None, unit: str) -> str:
    return f"{low:,g} {unit} and more" if high is None else f"{low:,g} to {high:,g} {unit}"
