"""The part of Kibana that queries Elasticsearch: the search of a panel, and the table that it shows of the answer.

It reads the shipped file, not the definitions that generate the file.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.kuery import Kuery

RECORDS = "___records___"
METRICS = {"sum": "sum", "max": "max", "average": "avg", "unique_count": "cardinality"}
Row = dict[str, Any]


@dataclass(frozen=True)
class LensPanel:
    """A Lens panel of a dashboard with the alias that it searches."""

    board: str
    id: str
    alias: str
    kuery: Kuery
    columns: Mapping[str, Mapping[str, Any]]

    @property
    def groups(self) -> list[str]:
        return [name for name, column in self.columns.items() if column["isBucketed"]]

    @property
    def numbers(self) -> list[str]:
        return [name for name, column in self.columns.items() if not column["isBucketed"]]

    def fields(self) -> dict[str, bool]:
        """Return every field of the panel, and whether Elasticsearch must be able to aggregate it."""
        own = {column["sourceField"]: True for column in self.columns.values() if "sourceField" in column}
        filters = [Kuery(column["filter"]["query"]) for column in self.columns.values() if "filter" in column]
        filtered = {field: False for one in (self.kuery, *filters) for field in one.fields}
        return {field: grouped for field, grouped in (filtered | own).items() if field != RECORDS}


def read(text: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the saved objects of a file by type and id. JSON inside strings is decoded."""
    objects = {}
    for line in text.splitlines():
        one = json.loads(line)
        objects[one["type"], one["id"]] = one | {"attributes": _decoded(one["attributes"])}
    return objects


def _decoded(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _decoded(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_decoded(inner) for inner in value]
    is_json = isinstance(value, str) and (name.endswith(("JSON", "Map")) or name == "spec")
    return _decoded(json.loads(value)) if is_json else value


def panels(objects: Mapping[tuple[str, str], Mapping[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the panels of all dashboards, with the id of the dashboard."""
    for (kind, board), one in objects.items():
        if kind == "dashboard":
            for panel in one["attributes"]["panelsJSON"]:
                yield board, panel


def lens_panels(objects: Mapping[tuple[str, str], Mapping[str, Any]]) -> Iterator[LensPanel]:
    """Yield the Lens panels of all dashboards."""
    for board, panel in panels(objects):
        if panel["type"] == "lens":
            attributes = panel["embeddableConfig"]["attributes"]
            ((layer_id, layer),) = attributes["state"]["datasourceStates"]["formBased"]["layers"].items()
            name = f"indexpattern-datasource-layer-{layer_id}"
            (reference,) = [one for one in attributes["references"] if one["name"] == name]
            alias = objects["index-pattern", reference["id"]]["attributes"]["title"]
            columns = {column: layer["columns"][column] for column in layer["columnOrder"]}
            yield LensPanel(board, panel["panelIndex"], alias, Kuery(attributes["state"]["query"]["query"]), columns)


def search_body(panel: LensPanel, interval_s: int) -> dict[str, Any]:
    """Return the search that Lens sends. `interval_s`: the time interval that Kibana would choose."""
    return {"size": 0, "query": panel.kuery.as_query(), "aggs": _level(panel, panel.groups, interval_s)}


def _level(panel: LensPanel, groups: list[str], interval_s: int) -> dict[str, Any]:
    if not groups:
        return {name: metric for name in panel.numbers if (metric := _metric(panel.columns[name])) is not None}
    first, *rest = groups
    column = panel.columns[first]
    inner = _level(panel, rest, interval_s)
    order = column["params"].get("orderBy", {})
    by = order.get("columnId")
    if by is not None and (metric := _metric(panel.columns[by])) is not None:
        inner |= {by: metric}
    return {first: {**_grouping(panel, column, interval_s), "aggs": inner}}


def _grouping(panel: LensPanel, column: Mapping[str, Any], interval_s: int) -> dict[str, Any]:
    params, field = column["params"], column["sourceField"]
    match column["operationType"]:
        case "date_histogram":
            return {"date_histogram": {"field": field, "fixed_interval": f"{interval_s}s", "min_doc_count": 1}}
        case "range":
            spans = [{end: span[end] for end in ("from", "to") if span[end] is not None} for span in params["ranges"]]
            return {"range": {"field": field, "ranges": spans}}
        case "terms":
            by = params["orderBy"].get("columnId")
            key = "_key" if by is None else "_count" if _metric(panel.columns[by]) is None else by
            return {"terms": {"field": field, "size": params["size"], "order": {key: params["orderDirection"]}}}
    raise AssertionError(column["operationType"])


def _metric(column: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the aggregation of a column. None: the bucket has the value, or a formula computes it."""
    match column["operationType"]:
        case "formula" | "math":
            return None
        case "count":
            return {"filter": Kuery(column["filter"]["query"]).as_query()} if "filter" in column else None
        case "median":
            return {"percentiles": {"field": column["sourceField"], "percents": [50]}}
        case "percentile":
            percents = [column["params"]["percentile"]]
            return {"percentiles": {"field": column["sourceField"], "percents": percents}}
        case operation:
            return {METRICS[operation]: {"field": column["sourceField"]}}


def table(panel: LensPanel, answer: Mapping[str, Any]) -> list[Row]:
    """Return the rows of the answer, without groups of no documents."""
    whole = {**answer.get("aggregations", {}), "doc_count": answer["hits"]["total"]["value"]}
    return list(_rows(panel, panel.groups, whole))


def _rows(panel: LensPanel, groups: list[str], bucket: Mapping[str, Any]) -> Iterator[Row]:
    if not groups:
        row: Row = {name: _read(panel.columns[name], bucket, name) for name in panel.numbers}
        yield with_formulas(panel.columns, row)
        return
    first, *rest = groups
    for inner in bucket[first]["buckets"]:
        if inner["doc_count"]:
            key = (
                (inner.get("from"), inner.get("to"))
                if panel.columns[first]["operationType"] == "range"
                else inner["key"]
            )
            for row in _rows(panel, rest, inner):
                yield {first: key, **row}


def _read(column: Mapping[str, Any], bucket: Mapping[str, Any], name: str) -> Any:
    match column["operationType"]:
        case "formula" | "math":
            return None
        case "count":
            return bucket[name]["doc_count"] if "filter" in column else bucket["doc_count"]
        case "median" | "percentile":
            (value,) = bucket[name]["values"].values()
            return value
        case _:
            return bucket[name]["value"]


def with_formulas(columns: Mapping[str, Mapping[str, Any]], row: Row) -> Row:
    """Return the row with its formulas. The only supported formula is a quotient of two columns."""
    for name, column in columns.items():
        if column["operationType"] == "math":
            tree = column["params"]["tinymathAst"]
            assert tree["name"] == "divide"
            above, below = (row[part] for part in tree["args"])
            row[name] = above / below if below else None
    for name, column in columns.items():
        if column["operationType"] == "formula":
            (result,) = column["references"]
            row[name] = row[result]
    return row
