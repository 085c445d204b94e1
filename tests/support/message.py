"""One message of each store-and-forward app, with a position at noon. A test names only the fields that it is about."""

import json
from typing import Any

from sensor_logger_bridge.apps.app import Request
from tests.support.make import NOON_MS
from tests.support.recorded_drive import OWNER

LATITUDE, LONGITUDE = 40.5123456, -75.5123457


def owntracks(**changes: Any) -> Request:
    return as_json({"_type": "location", "lat": LATITUDE, "lon": LONGITUDE, "tst": NOON_MS // 1000} | changes)


def feature(second: int = 0, coordinates: Any = (LONGITUDE, LATITUDE), **properties: Any) -> dict[str, Any]:
    timestamp = f"2026-11-21T12:{second // 60:02}:{second % 60:02}Z"
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": coordinates},
        "properties": {"timestamp": timestamp} | properties,
    }


def overland(*features: Any) -> Request:
    return as_json({"locations": features})


def traccar_json(coords: dict[str, Any] | None = None, **location: Any) -> Request:
    known = {
        "timestamp": "2026-11-21T12:00:00.000Z",
        "coords": {"latitude": LATITUDE, "longitude": LONGITUDE} | (coords or {}),
    }
    return as_json({"location": known | location, "device_id": OWNER})


def traccar(**changes: Any) -> Request:
    return as_query({"id": OWNER, "lat": LATITUDE, "lon": LONGITUDE, "timestamp": NOON_MS // 1000} | changes)


def gpslogger(**changes: Any) -> Request:
    return as_query({"lat": LATITUDE, "lon": LONGITUDE, "timestamp": NOON_MS // 1000} | changes)


def as_json(message: Any) -> Request:
    return Request(json.dumps(message).encode())


def as_query(parameters: dict[str, Any]) -> Request:
    return Request(b"", "&".join(f"{name}={value}" for name, value in parameters.items()))


MINIMAL = [
    ("owntracks", owntracks()),
    ("overland", overland(feature())),
    ("traccar", traccar()),
    ("traccar", traccar_json()),
    ("gpslogger", gpslogger()),
]
"""Messages with position and time only, by app."""
