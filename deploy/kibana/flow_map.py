"""The flow map: a line from each phone to the merchant where its card was used, drawn by Vega.

Kibana's own line layer needs scripting on the server, and it only shows counts. This map loads documents. The outline
of the land is part of the panel, so the browser loads nothing from other servers.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deploy.kibana.data_view import TIME_FIELD, DataView
from deploy.kibana.panel import PanelState, Size
from deploy.kibana.saved_object import compact, kuery

LAND: Final = Path(__file__).with_name("land.json")
"""Natural Earth, 1:110 million (public domain), simplified to a third of a degree; no Antarctica, no small islands."""

LINES_MAX: Final = 500
FIELDS: Final = ("timestamp", "amount", "currency", "merchant", "reason", "risk", "distance_m", "verdict")
MERCHANT, PHONE = "place", "source.geo.location"


@dataclass(frozen=True, slots=True)
class FlowMap:
    """The panel. `where`: required value by field, since Vega queries Elasticsearch without Kibana's query language."""

    id: str
    title: str
    description: str
    size: Size
    view: DataView
    where: dict[str, str]

    def state(self) -> PanelState:
        """Return the panel as a dashboard stores it."""
        vis = {
            "title": self.title,
            "description": self.description,
            "type": "vega",
            "params": {"spec": compact(spec(self.view, self.where))},
            "uiState": {},
            "data": {"aggs": [], "searchSource": {"query": kuery(""), "filter": []}},
        }
        return PanelState("visualization", {"savedVis": vis, "enhancements": {}}, ())


def spec(view: DataView, where: dict[str, str]) -> dict[str, Any]:
    """Return the Vega specification: the suspects of highest risk in the time range, each with its two locations."""
    return {
        "$schema": "https://vega.github.io/schema/vega/v5.json",
        "config": {"kibana": {"type": "map", "latitude": 30, "longitude": 10, "zoom": 1, "mapStyle": False}},
        "data": [{"name": "land", "values": [json.loads(LAND.read_text(encoding="utf-8"))]}, _flows(view, where)],
        "scales": [
            {"name": "gravity", "type": "linear", "domain": [0, 100], "range": ["#F5A700", "#BD271E"], "clamp": True}
        ],
        "marks": [_land(), _line(), _end("phone", "#006BB4", 30), _end("shop", None, 60)],
    }


def _flows(view: DataView, where: dict[str, str]) -> dict[str, Any]:
    body = {
        "size": LINES_MAX,
        "sort": [{"risk": "desc"}, {TIME_FIELD: "desc"}],
        "_source": [*FIELDS, MERCHANT, PHONE],
        "query": {
            "bool": {
                "must": ["%dashboard_context-must_clause%"],
                "must_not": ["%dashboard_context-must_not_clause%"],
                "filter": [
                    "%dashboard_context-filter_clause%",
                    {"range": {TIME_FIELD: {"%timefilter%": True}}},
                    {"exists": {"field": MERCHANT}},
                    {"exists": {"field": PHONE}},
                    *({"term": {name: value}} for name, value in where.items()),
                ],
            }
        },
    }
    return {
        "name": "ways",
        "url": {"index": view.alias, "body": body},
        "format": {"property": "hits.hits"},
        "transform": [_projected(MERCHANT, "shop"), _projected(PHONE, "phone")],
    }


def _projected(field: str, name: str) -> dict[str, Any]:
    ends = [f"_source.{field}.lon", f"_source.{field}.lat"]
    return {"type": "geopoint", "projection": "projection", "fields": ends, "as": [f"{name}_x", f"{name}_y"]}


def _land() -> dict[str, Any]:
    style = {"fill": {"value": "#D9DDE3"}, "stroke": {"value": "#B5BAC2"}, "strokeWidth": {"value": 0.5}}
    return {
        "type": "shape",
        "from": {"data": "land"},
        "interactive": False,
        "encode": {"enter": style},
        "transform": [{"type": "geoshape", "projection": "projection"}],
    }


def _line() -> dict[str, Any]:
    ends = {"x": "phone_x", "y": "phone_y", "x2": "shop_x", "y2": "shop_y"}
    return {
        "type": "rule",
        "from": {"data": "ways"},
        "encode": {
            "update": {
                **{channel: {"field": name} for channel, name in ends.items()},
                "stroke": {"scale": "gravity", "field": "_source.risk"},
                "strokeWidth": {"value": 1.5},
                "strokeOpacity": {"value": 0.7},
                "tooltip": {"signal": _tooltip()},
            }
        },
    }


def _end(name: str, color: str | None, area: int) -> dict[str, Any]:
    """Return a point at one end of each line. Without `color` it has the color of the risk."""
    fill: dict[str, Any] = {"scale": "gravity", "field": "_source.risk"} if color is None else {"value": color}
    return {
        "type": "symbol",
        "from": {"data": "ways"},
        "encode": {
            "update": {
                "x": {"field": f"{name}_x"},
                "y": {"field": f"{name}_y"},
                "size": {"value": area},
                "fill": fill,
                "stroke": {"value": "#FFFFFF"},
                "tooltip": {"signal": _tooltip()},
            }
        },
    }


def _tooltip() -> str:
    shown = ("title: datum._source.reason", *(f"{name}: datum._source.{name}" for name in FIELDS if name != "reason"))
    return "{" + ", ".join(shown) + "}"
