"""What each app may send, as JSON Schema: made of the same limits that are enforced. Unknown fields are skipped."""

from typing import Any, Final

from schemas.json.identifier import DEVICE_ID
from schemas.json.timestamps import FIRST_US, LAST_US
from sensor_logger_bridge.apps import gpslogger, traccar
from sensor_logger_bridge.apps.sensor_logger import ITEMS_MAX

Schema = dict[str, Any]

LATITUDE: Final = {"type": "number", "minimum": -90, "maximum": 90}
LONGITUDE: Final = {"type": "number", "minimum": -180, "maximum": 180}
EPOCH_S: Final = {"type": "number", "minimum": FIRST_US // 10**6, "exclusiveMaximum": LAST_US // 10**6}
ISO: Final = {"type": "string", "format": "date-time"}


def schemas() -> dict[str, Schema]:
    """By name, as the paths refer to them."""
    return {
        "SensorLogger": _sensor_logger(),
        "SensorLoggerItem": _item(),
        "SensorLoggerPosition": _position(),
        "OwnTracks": _owntracks(),
        "Overland": _overland(),
        "Traccar": _traccar(),
        "TraccarForm": _form(traccar.NAMES),
        "GpsLoggerForm": _form(gpslogger.NAMES),
    }


def parameters(names: tuple[str, ...]) -> list[Schema]:
    """Of a query; none is required, since they may stand in a form."""
    return [{"name": name, "in": "query", "schema": _parameter(name)} for name in names]


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _measures(names: str) -> dict[str, Schema]:
    return {name: {"type": ["number", "null"]} for name in names.split()}


def _sensor_logger() -> Schema:
    return {
        "type": "object",
        "required": ["deviceId", "payload"],
        "properties": {
            "deviceId": {"type": "string", "pattern": DEVICE_ID, "description": "the token's device"},
            "sessionId": {"type": ["string", "null"], "pattern": DEVICE_ID},
            "messageId": {"type": ["integer", "null"], "minimum": 0, "maximum": 2**53},
            "payload": {"type": "array", "maxItems": ITEMS_MAX, "items": _ref("SensorLoggerItem")},
        },
    }


def _item() -> Schema:
    """Items of any other name are skipped, whatever is in them."""
    time = {
        "type": "number",
        "minimum": FIRST_US * 1000,
        "exclusiveMaximum": LAST_US * 1000,
        "description": "epoch nanoseconds",
    }
    return {
        "type": "object",
        "properties": {"name": {"type": "string"}},
        "if": {"properties": {"name": {"const": "location"}}, "required": ["name"]},
        "then": {
            "properties": {"time": time, "values": _ref("SensorLoggerPosition")},
            "required": ["time"],
        },
    }


def _position() -> Schema:
    """WGS-84, metres, m/s, degrees; negative or null: not known, but for coordinates and altitude."""
    measures = "altitude speed speedAccuracy bearing bearingAccuracy horizontalAccuracy verticalAccuracy"
    return {
        "type": "object",
        "required": ["latitude", "longitude"],
        "properties": {
            "latitude": LATITUDE,
            "longitude": LONGITUDE,
            **_measures(measures),
            "isMock": {"type": ["boolean", "null"]},
        },
    }


def _owntracks() -> Schema:
    """Messages of any other `_type` are understood, and skipped."""
    return {
        "type": "object",
        "required": ["_type"],
        "properties": {"_type": {"type": "string"}},
        "if": {"properties": {"_type": {"const": "location"}}, "required": ["_type"]},
        "then": {
            "required": ["lat", "lon", "tst"],
            "properties": {"lat": LATITUDE, "lon": LONGITUDE, "tst": EPOCH_S, **_measures("acc alt vac vel cog")},
        },
        "description": "`tst` in epoch seconds, `vel` in km/h, the rest in metres and degrees",
    }


def _overland() -> Schema:
    measures = "altitude speed speed_accuracy course course_accuracy horizontal_accuracy vertical_accuracy"
    properties = {"timestamp": ISO, **_measures(measures), "device_id": {"type": ["string", "null"]}}
    coordinates = {"type": "array", "prefixItems": [LONGITUDE, LATITUDE], "minItems": 2, "maxItems": 3}
    feature = {
        "type": "object",
        "required": ["geometry", "properties"],
        "properties": {
            "geometry": {"type": "object", "required": ["coordinates"], "properties": {"coordinates": coordinates}},
            "properties": {"type": "object", "required": ["timestamp"], "properties": properties},
        },
    }
    return {
        "type": "object",
        "required": ["locations"],
        "properties": {"locations": {"type": "array", "maxItems": ITEMS_MAX, "items": feature}},
        "description": "GeoJSON: longitude first; m/s; -1 is not known",
    }


def _traccar() -> Schema:
    measures = "accuracy speed speed_accuracy heading heading_accuracy altitude altitude_accuracy"
    coords = {"latitude": LATITUDE, "longitude": LONGITUDE, **_measures(measures)}
    location = {
        "type": "object",
        "required": ["timestamp", "coords"],
        "properties": {
            "timestamp": ISO,
            "coords": {"type": "object", "required": ["latitude", "longitude"], "properties": coords},
            "mock": {"type": ["boolean", "null"]},
        },
    }
    return {
        "type": "object",
        "required": ["location"],
        "properties": {"location": location, "device_id": {"type": ["string", "null"]}},
        "description": "m/s; negative is not known",
    }


def _form(names: tuple[str, ...]) -> Schema:
    return {"type": "object", "properties": {name: _parameter(name) for name in names}}


def _parameter(name: str) -> Schema:
    known: dict[str, Schema] = {
        "lat": LATITUDE,
        "lon": LONGITUDE,
        "timestamp": EPOCH_S,
        "valid": {"enum": ["true", "false", "1", "0"]},
        "mock": {"enum": ["true", "false"]},
        "id": {"type": "string"},
        "deviceid": {"type": "string"},
        "speed": {"type": "number", "description": "knots"},
        "spd": {"type": "number", "description": "m/s"},
    }
    return known.get(name, {"type": "number"})
