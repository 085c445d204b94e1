"""The map of merchant locations and phone locations.

It loads no map tiles: the base map of Elastic's map service is switched off, because a tile server learns which area
people look at. It loads documents instead of vector tiles, because not every server has the API of vector tiles.
"""

from typing import Any, Final

from deploy.kibana.data_view import TIME_FIELD, DataView
from deploy.kibana.saved_object import SavedObject, compact, kuery

DOCUMENTS_MAX: Final = 10_000
"""Maximum documents per answer, the default limit of Elasticsearch (`index.max_result_window`)."""

ALL_ZOOMS: Final = {"minZoom": 0, "maxZoom": 24, "alpha": 0.8}
TOOLTIP: Final = ("timestamp", "amount", "currency", "merchant", "reason", "risk", "distance_m")
MERCHANT, PHONE, CLUSTER = "#BD271E", "#006BB4", "#F5A700"


def location_map(view: DataView, kql: str) -> SavedObject:
    """Return the saved map. Its last layer is on top."""
    layers = [_base(), _clusters(kql), _points(kql, "source.geo.location"), _points(kql, "place")]
    references = tuple(
        view.reference(layer["sourceDescriptor"]["indexPatternRefName"])
        for layer in layers
        if "indexPatternRefName" in layer["sourceDescriptor"]
    )
    attributes = {
        "title": f"{view.title}, map",
        "description": "Merchant locations (red), their number (yellow), and phone locations to a kilometre (blue)",
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


def _clusters(kql: str) -> dict[str, Any]:
    """Return the layer of clusters: number and amounts of suspects where points would overlap."""
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
    return _vector("crowds", "Number of suspects", source, _marker(CLUSTER, size), kql)


def _points(kql: str, field: str) -> dict[str, Any]:
    is_merchant = field == "place"
    name, label, color = (
        ("shops", "Merchant location", MERCHANT) if is_merchant else ("phones", "Phone location", PHONE)
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
        "indexPatternRefName": f"layer_{3 if is_merchant else 2}_source_index_pattern",
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
