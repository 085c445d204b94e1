"""Kibana, as far as it asks Elasticsearch: what a panel of an imported file asks, and the table it makes of the answer.

It reads the file that is shipped, not the definitions that made it.
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
    """One panel of a board with the alias it asks."""

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
        """Every field that it asks of; whether it has to be one by which documents can be grouped or counted."""
        own = {column["sourceField"]: True for column in self.columns.values() if "sourceField" in column}
        filters = [Kuery(column["filter"]["query"]) for column in self.columns.values() if "filter" in column]
        asked = {field: False for one in (self.kuery, *filters) for field in one.fields}
        return {field: grouped for field, grouped in (asked | own).items() if field != RECORDS}


def read(text: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The saved objects of a file, by type and id, with all that is JSON in a string undone."""
    objects = {}
    for line in text.splitlines():
        one = json.loads(line)
        objects[one["type"], one["id"]] = one | {"attributes": _undone(one["attributes"])}
    return objects


def _undone(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _undone(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_undone(inner) for inner in value]
    is_json = isinstance(value, str) and (name.endswith(("JSON", "Map")) or name == "spec")
    return _undone(json.loads(value)) if is_json else value


def panels(objects: Mapping[tuple[str, str], Mapping[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The panels of all boards, with the board's id."""
    for (kind, board), one in objects.items():
        if kind == "dashboard":
            for panel in one["attributes"]["panelsJSON"]:
                yield board, panel


def lens_panels(objects: Mapping[tuple[str, str], Mapping[str, Any]]) -> Iterator[LensPanel]:
    for board, panel in panels(objects):
        if panel["type"] == "lens":
            attributes = panel["embeddableConfig"]["attributes"]
            ((layer_id, layer),) = attributes["state"]["datasourceStates"]["formBased"]["layers"].items()
            name = f"indexpattern-datasource-layer-{layer_id}"
            (reference,) = [one for one in attributes["references"] if one["name"] == name]
            alias = objects["index-pattern", reference["id"]]["attributes"]["title"]
            columns = {column: layer["columns"][column] for column in layer["columnOrder"]}
            yield LensPanel(board, panel["panelIndex"], alias, Kuery(attributes["state"]["query"]["query"]), columns)


def question(panel: LensPanel, interval_s: int) -> dict[str, Any]:
    """The search that Lens sends. `interval_s`: the step of time that Kibana would choose."""
    return {"size": 0, "query": panel.kuery.asked(), "aggs": _level(panel, panel.groups, interval_s)}


def _level(panel: LensPanel, groups: list[str], interval_s: int) -> dict[str, Any]:
    if not groups:
        return {name: asked for name in panel.numbers if (asked := _metric(panel.columns[name])) is not None}
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
    """None for what a bucket says by itself, or what is reckoned from others."""
    match column["operationType"]:
        case "formula" | "math":
            return None
        case "count":
            return {"filter": Kuery(column["filter"]["query"]).asked()} if "filter" in column else None
        case "median":
            return {"percentiles": {"field": column["sourceField"], "percents": [50]}}
        case "percentile":
            percents = [column["params"]["percentile"]]
            return {"percentiles": {"field": column["sourceField"], "percents": percents}}
        case operation:
            return {METRICS[operation]: {"field": column["sourceField"]}}


def table(panel: LensPanel, answer: Mapping[str, Any]) -> list[Row]:
    """The rows of the answer; groups without documents are left out."""
    whole = {**answer.get("aggregations", {}), "doc_count": answer["hits"]["total"]["value"]}
    return list(_rows(panel, panel.groups, whole))


def _rows(panel: LensPanel, groups: list[str], bucket: Mapping[str, Any]) -> Iterator[Row]:
    if not groups:
        row: Row = {name: _read(panel.columns[name], bucket, name) for name in panel.numbers}
        yield reckoned(panel.columns, row)
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


def reckoned(columns: Mapping[str, Mapping[str, Any]], row: Row) -> Row:
    """The row with its formulas, as far as ours go: one number divided by another."""
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
