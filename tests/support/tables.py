"""The expected rows of a panel, computed from documents in plain Python without Elasticsearch."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Any

from tests.support.kibana import LensPanel, Row, with_formulas
from tests.support.kuery import Kuery

Document = Mapping[str, Any]
DATES = frozenset({"timestamp", "event.ingested"})


@dataclass(frozen=True)
class Near:
    """The bounds of a percentile. Definitions differ in the interpolation between two values, not in the two values."""

    low: float
    high: float

    def contains(self, value: float) -> bool:
        return self.low - 1e-9 <= value <= self.high + 1e-9


def values(document: Document, field: str) -> list[Any]:
    """Return the values of a document at a path: none, one or several."""
    here: Any = document
    for name in field.split("."):
        here = None if here is None else here.get(name)
    if here is None:
        return []
    if field in DATES:
        return [datetime.fromisoformat(here).timestamp() * 1000]
    if field == "amount":
        return [float(here)]
    return list(here) if isinstance(here, list) else [here]


def expected_rows(panel: LensPanel, documents: Iterable[Document], interval_s: int) -> list[Row]:
    """Return the rows that the panel must show for these documents."""
    matching = [document for document in documents if panel.kuery.matches(document)]
    return _grouped(panel, panel.groups, matching, interval_s)


def _grouped(panel: LensPanel, groups: Sequence[str], documents: list[Document], interval_s: int) -> list[Row]:
    if not groups:
        row: Row = {name: _number(panel.columns[name], documents) for name in panel.numbers}
        return [with_formulas(panel.columns, row)]
    first, *rest = groups
    column = panel.columns[first]
    grouped: dict[Any, list[Document]] = {}
    for document in documents:
        for key in _keys(column, document, interval_s):
            grouped.setdefault(key, []).append(document)
    chosen = _chosen(panel, column, grouped)
    return [{first: key, **row} for key in chosen for row in _grouped(panel, rest, grouped[key], interval_s)]


def _keys(column: Mapping[str, Any], document: Document, interval_s: int) -> list[Any]:
    found = values(document, column["sourceField"])
    match column["operationType"]:
        case "date_histogram":
            return [value // (interval_s * 1000) * interval_s * 1000 for value in found]
        case "range":
            spans = [(span["from"], span["to"]) for span in column["params"]["ranges"]]
            return [(low, high) for value in found for low, high in spans if low <= value < (high or math.inf)]
        case _:
            return found


def _chosen(panel: LensPanel, column: Mapping[str, Any], grouped: Mapping[Any, list[Document]]) -> list[Any]:
    if column["operationType"] != "terms":
        return sorted(grouped)
    params = column["params"]
    by = params["orderBy"].get("columnId")
    if by is None:
        return sorted(grouped)[: params["size"]]
    measure: Callable[[Any], Any] = lambda key: _number(panel.columns[by], grouped[key])  # noqa: E731 - shorter than a function
    return sorted(sorted(grouped), key=measure, reverse=True)[: params["size"]]


def _number(column: Mapping[str, Any], documents: list[Document]) -> Any:
    found = [value for document in documents for value in values(document, column.get("sourceField") or "")]
    match column["operationType"]:
        case "formula" | "math":
            return None
        case "count":
            kuery = Kuery(column.get("filter", {}).get("query", ""))
            return sum(kuery.matches(document) for document in documents)
        case "sum":
            return math.fsum(found)
        case "max":
            return max(found, default=None)
        case "average":
            return fmean(found) if found else None
        case "unique_count":
            return len(set(found))
        case "median":
            return _near(found, 50)
        case "percentile":
            return _near(found, column["params"]["percentile"])
    raise AssertionError(column["operationType"])


def _near(found: list[float], percent: float) -> Near | None:
    if not found:
        return None
    ordered, place = sorted(found), percent / 100 * (len(found) - 1)
    return Near(ordered[max(0, math.floor(place) - 1)], ordered[min(len(found) - 1, math.ceil(place) + 1)])
