"""Columns of Lens panels: what they group by and count. The functions are named like Lens operations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from deploy.kibana.data_view import TIME_FIELD
from deploy.kibana.saved_object import kuery

RECORDS: Final = "___records___"
"""Field name by which Lens counts documents."""

RANGES_FORMAT: Final[Mapping[str, Any]] = {
    "id": "range",
    "params": {"template": "arrow_right", "replaceInfinity": True},
}
WHEN: Final = "when"
NUMBER: Final = "number"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a panel. `of`: its field. `groups`: it forms rows, where other columns are numbers of a row."""

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
        """Return the column as Lens stores it."""
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
    """Group by the payment's time. Kibana chooses the interval for the time range."""
    params = {"interval": "auto", "includeEmptyRows": True, "dropPartials": False}
    return Column(
        WHEN, "time of the payment", "date_histogram", TIME_FIELD, "date", "interval", groups=True, params=params
    )


def top_terms(name: str, label: str, size: int, by: str = NUMBER) -> Column:
    """Group by the `size` values of a field that are highest in the column `by`."""
    order = {"type": "column", "columnId": by}
    return _terms(name, label, {"size": size, "orderBy": order, "orderDirection": "desc"})


def terms(name: str, label: str, size: int, data_type: str = "string") -> Column:
    """Group by up to `size` values of a field in ascending order."""
    order = {"type": "alphabetical", "fallback": False}
    return _terms(name, label, {"size": size, "orderBy": order, "orderDirection": "asc"}, data_type)


def _terms(name: str, label: str, params: Mapping[str, Any], data_type: str = "string") -> Column:
    whole = {**params, "otherBucket": False, "missingBucket": False, "parentFormat": {"id": "terms"}}
    return Column(_id(name), label, "terms", name, data_type, "ordinal", groups=True, params=whole)


def ranges(name: str, label: str, edges: Sequence[float], unit: str) -> Column:
    """Group by ranges of a number: from edge to edge, and one beyond the last."""
    ends: list[float | None] = [*edges[1:], None]
    spans = [
        {"from": low, "to": high, "label": _range_label(low, high, unit)} for low, high in zip(edges, ends, strict=True)
    ]
    params = {"type": "range", "ranges": spans, "maxBars": "auto", "parentFormat": RANGES_FORMAT}
    return Column(_id(name), label, "range", name, "string", "ordinal", groups=True, params=params)


def count(label: str, kql: str = "") -> Column:
    """Count documents, those that match `kql` if given."""
    return Column(NUMBER, label, "count", params={"emptyAsNull": False}, kql=kql)


def count_per_minute(label: str) -> Column:
    """Count documents per minute, independent of the time interval."""
    return Column(NUMBER, label, "count", params={"emptyAsNull": False}, others={"timeScale": "m"})


def sum_of(name: str, label: str) -> Column:
    """Sum a field."""
    return Column(f"total-{_id(name)}", label, "sum", name, params={"emptyAsNull": False})


def maximum(name: str, label: str, data_type: str = "number") -> Column:
    """Return the maximum of a field."""
    return Column(f"highest-{_id(name)}", label, "max", name, data_type, params={"emptyAsNull": True})


def average(name: str, label: str) -> Column:
    """Average a field."""
    return Column(f"average-{_id(name)}", label, "average", name, params={"emptyAsNull": True})


def unique_count(name: str, label: str) -> Column:
    """Count the distinct values of a field."""
    return Column(f"distinct-{_id(name)}", label, "unique_count", name, params={"emptyAsNull": False})


def median(name: str, label: str) -> Column:
    """Return the median of a field."""
    return Column(f"median-{_id(name)}", label, "median", name, params={"emptyAsNull": True})


def percentile(name: str, percent: int, label: str) -> Column:
    """Return a percentile of a field."""
    params = {"percentile": percent, "emptyAsNull": True}
    return Column(f"p{percent}-{_id(name)}", label, "percentile", name, params=params)


def percentage(label: str, kql: str) -> tuple[Column, ...]:
    """Return the percentage of documents that match `kql`: a formula and the columns into which Lens splits it."""
    text = f"count(kql='{kql}') / count()"
    part = f"Part of {label}"
    name = "share"
    matching, everything, quotient = (f"{name}X{part_number}" for part_number in range(3))
    tree = {
        "type": "function",
        "name": "divide",
        "args": [matching, everything],
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
            others={"references": [quotient]},
        ),
        Column(matching, part, "count", params=counted, kql=kql),
        Column(everything, part, "count", params=counted),
        Column(
            quotient, part, "math", None, params={"tinymathAst": tree}, others={"references": [matching, everything]}
        ),
    )


def _id(name: str) -> str:
    return name.replace(".", "-")


def _range_label(low: float, high: float | None, unit: str) -> str:
    return f"{low:,} {unit} or more" if high is None else f"{low:,} to {high:,} {unit}"
