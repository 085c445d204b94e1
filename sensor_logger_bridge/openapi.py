"""OpenAPI: what the bridge is asked and answers, as OpenAPI 3.1. Made of the same limits that are enforced."""

from typing import Any, Final

from schemas.identifier import DEVICE_ID
from schemas.timestamps import FIRST_US, LAST_US
from sensor_logger_bridge.apps.app import BYTES_MAX
from sensor_logger_bridge.apps.sensor_logger import ITEMS_MAX
from sensor_logger_bridge.body import READ_WITHIN_S
from sensor_logger_bridge.pairing import described
from sensor_logger_bridge.translation import SHOWN_TO_THE_PERSON

PATH: Final = "/openapi.json"

_RETRY_AFTER: Final = {
    "Retry-After": {"description": "seconds", "required": True, "schema": {"type": "string", "pattern": "^[0-9]+$"}}
}

ANSWERS: Final = {
    200: "Understood. Positions, if there are any, are confirmed by all replicas of the broker.",
    400: "No Sensor Logger message: the text says the code and the field, and quotes nothing.",
    403: "The token belongs to another device than the message.",
    408: f"The message did not arrive within {READ_WITHIN_S:.0f} s.",
    413: f"More than {BYTES_MAX} bytes after decompression, or more than {ITEMS_MAX} items.",
    415: "Not JSON in UTF-8, or compressed other than with gzip or deflate.",
    429: "Too many messages of one device.",
    SHOWN_TO_THE_PERSON: "What only the phone's holder can put right: unknown token, wrong clock, cloaked coordinates. "
    "Sensor Logger shows the text on the phone.",
    503: "The broker does not confirm; nothing was kept.",
}
"""What may be answered to a message, and what it means."""


def document() -> dict[str, Any]:
    """The whole description, a new one each time."""
    token = {
        "name": "token",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Geovelocity bridge", "version": "1", "description": "Takes positions from phones."},
        "paths": {
            "/sensor-logger": {"post": _push("push", [{"token": []}])},
            "/sensor-logger/{token}": {"post": _push("pushByUrl", [{}]), "parameters": [token]},
            "/livez": {"get": _asked("live", {200: "The bridge runs."})},
            "/readyz": {"get": _asked("ready", {200: "The broker answers.", 503: "It does not."})},
            PATH: {"get": {"operationId": "openapi", "responses": {"200": _as_json("This document.")}}},
            **described.paths(),
        },
        "components": {
            "schemas": {"Message": _message(), "Item": _item(), "Position": _position()},
            "securitySchemes": {
                "token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "The device's token, alone or after the word Bearer.",
                }
            },
        },
    }


def _push(operation: str, security: list[dict[str, list[str]]]) -> dict[str, Any]:
    responses = {str(status): _text(meaning) for status, meaning in ANSWERS.items()}
    for status in ("429", "503"):
        responses[status]["headers"] = _RETRY_AFTER
    body = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Message"}}}}
    return {"operationId": operation, "security": security, "requestBody": body, "responses": responses}


def _asked(operation: str, answers: dict[int, str]) -> dict[str, Any]:
    return {
        "operationId": operation,
        "responses": {str(status): _text(meaning) for status, meaning in answers.items()},
    }


def _text(meaning: str) -> dict[str, Any]:
    return {"description": meaning, "content": {"text/plain": {"schema": {"type": "string"}}}}


def _as_json(meaning: str) -> dict[str, Any]:
    return {"description": meaning, "content": {"application/json": {"schema": {"type": "object"}}}}


def _message() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["deviceId", "payload"],
        "properties": {
            "deviceId": {"type": "string", "pattern": DEVICE_ID, "description": "the token's device"},
            "sessionId": {"type": ["string", "null"], "pattern": DEVICE_ID},
            "messageId": {"type": ["integer", "null"], "minimum": 0, "maximum": 2**53},
            "payload": {"type": "array", "maxItems": ITEMS_MAX, "items": {"$ref": "#/components/schemas/Item"}},
        },
    }


def _item() -> dict[str, Any]:
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
            "properties": {"time": time, "values": {"$ref": "#/components/schemas/Position"}},
            "required": ["time"],
        },
    }


def _position() -> dict[str, Any]:
    """WGS-84, metres, m/s, degrees; negative or null: not known, but for coordinates and altitude."""
    measures = "altitude speed speedAccuracy bearing bearingAccuracy horizontalAccuracy verticalAccuracy".split()
    return {
        "type": "object",
        "required": ["latitude", "longitude"],
        "properties": {
            "latitude": {"type": "number", "minimum": -90, "maximum": 90},
            "longitude": {"type": "number", "minimum": -180, "maximum": 180},
            **{name: {"type": ["number", "null"]} for name in measures},
            "isMock": {"type": ["boolean", "null"]},
        },
    }
