"""Places: a map of where cards were used and where their phones were.

No tiles are fetched: the base map of Elastic's map service is there, switched off, because whoever serves tiles learns
what is looked at. Documents are fetched as they are rather than as tiles, whose interface not every server has.
"""

from typing import Any, Final

from deploy.kibana.data_view import TIME_FIELD, DataView
from deploy.kibana.saved_object import SavedObject, compact, kuery

DOCUMENTS_MAX: Final = 10_000
"""What a server gives in one answer, unless told otherwise."""

ALL_ZOOMS: Final = {"minZoom": 0, "maxZoom": 24, "alpha": 0.8}
TOOLTIP: Final = ("timestamp", "amount", "currency", "merchant", "reason", "risk", "distance_m")
SHOP, PHONE, CROWD = "#BD271E", "#006BB4", "#F5A700"


def places(view: DataView, kql: str) -> SavedObject:
    """A map of its own; the last layer lies on top."""
    layers = [_base(), _crowds(kql), _points(kql, "source.geo.location"), _points(kql, "place")]
    references = tuple(
        view.reference(layer["sourceDescriptor"]["indexPatternRefName"])
        for layer in layers
        if "indexPatternRefName" in layer["sourceDescriptor"]
    )
    attributes = {
        "title": f"{view.title}, places",
        "description": "Where cards were used (red), how many (yellow), where their phones were, to a kilometre (blue)",
        "layerListJSON": compact(layers),
        "mapStateJSON": compact(_state()),
        "uiStateJSON": compact({"isLayerTOCOpen": True, "openTOCDetails": []}),
    }
    return SavedObject("map", f"{view.alias}-places", attributes, references)


def _state() -> dict[str, Any]:
    return {
        "zoom": 1.5,
        "center": {"lon": 10, "lat": 30},
        "timeFilters": {"from": "now-24h", "to": "now"},
        "refreshConfig": {"isPaused": False, "interval": 30_000},
        "query": kuery(""),
        "filters": [],
        "settings": {"autoFitToDataBounds": True},
    }


def _base() -> dict[str, Any]:
    source = {"type": "EMS_TMS", "isAutoSelect": True, "lightModeDefault": "road_map_desaturated"}
    return {
        "id": "base",
        "label": "Base map of Elastic's map service (from the internet)",
        "type": "EMS_VECTOR_TILE",
        "sourceDescriptor": source,
        "style": {"type": "EMS_VECTOR_TILE", "color": ""},
        "visible": False,
        **ALL_ZOOMS,
    }


def _crowds(kql: str) -> dict[str, Any]:
    """How many, and how much money, where it is too crowded for points."""
    source = {
        "id": "crowds",
        "type": "ES_GEO_GRID",
        "geoField": "place",
        "requestType": "point",
        "resolution": "COARSE",
        "metrics": [{"type": "count"}, {"type": "sum", "field": "amount"}, {"type": "max", "field": "risk"}],
        "applyGlobalQuery": True,
        "applyGlobalTime": True,
        "indexPatternRefName": "layer_1_source_index_pattern",
    }
    size = {
        "type": "DYNAMIC",
        "options": {
            "field": {"name": "doc_count", "origin": "source"},
            "minSize": 8,
            "maxSize": 40,
            "fieldMetaOptions": {"isEnabled": False, "sigma": 3},
        },
    }
    return _vector("crowds", "Suspects, how many", source, _marker(CROWD, size), kql)


def _points(kql: str, field: str) -> dict[str, Any]:
    shop = field == "place"
    name, label, color = (
        ("shops", "Where the card was used", SHOP) if shop else ("phones", "Where the phone was", PHONE)
    )
    source = {
        "id": name,
        "type": "ES_SEARCH",
        "geoField": field,
        "scalingType": "LIMIT",
        "limit": DOCUMENTS_MAX,
        "filterByMapBounds": True,
        "tooltipProperties": list(TOOLTIP),
        "sortField": TIME_FIELD,
        "sortOrder": "desc",
        "applyGlobalQuery": True,
        "applyGlobalTime": True,
        "indexPatternRefName": f"layer_{3 if shop else 2}_source_index_pattern",
    }
    return _vector(name, label, source, _marker(color, {"type": "STATIC", "options": {"size": 5}}), kql)


def _vector(name: str, label: str, source: dict[str, Any], style: dict[str, Any], kql: str) -> dict[str, Any]:
    return {
        "id": name,
        "label": label,
        "type": "GEOJSON_VECTOR",
        "sourceDescriptor": source,
        "style": {"type": "VECTOR", "properties": style, "isTimeAware": True},
        "query": kuery(kql),
        "visible": True,
        "joins": [],
        **ALL_ZOOMS,
    }


def _marker(color: str, size: dict[str, Any]) -> dict[str, Any]:
    return {
        "symbolizeAs": {"options": {"value": "circle"}},
        "fillColor": {"type": "STATIC", "options": {"color": color}},
        "lineColor": {"type": "STATIC", "options": {"color": "#FFFFFF"}},
        "lineWidth": {"type": "STATIC", "options": {"size": 1}},
        "iconSize": size,
    }
