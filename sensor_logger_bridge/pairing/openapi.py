"""The pairing page's part of the OpenAPI document."""

from typing import Any, Final

from sensor_logger_bridge.pairing.page import FILES, RATE_LIMITED, SETUP, STATUS, UNKNOWN_TOKEN

_TEXT: Final[dict[str, Any]] = {"text/plain": {"schema": {"type": "string"}}}
_OPTIONAL_NUMBER: Final = {"type": ["number", "null"], "minimum": 0}
_QR_CODE: Final = {
    "type": ["object", "null"],
    "required": ["size", "path"],
    "properties": {"size": {"type": "integer"}, "path": {"type": "string", "description": "an SVG path"}},
}


def paths() -> dict[str, Any]:
    """Return the page's paths. Each call returns new objects."""
    files = {path: {"get": _file(name, media_type)} for path, (name, media_type) in FILES.items()}
    setup = "The settings of each app, as links, QR codes and values."
    return {
        **files,
        SETUP: {"get": _operation("pairingSetup", setup, _setup())},
        STATUS: {"get": _operation("pairingStatus", "The phone's last message.", _status())},
    }


def _file(name: str, media_type: str) -> dict[str, Any]:
    content = {media_type: {"schema": {"type": "string"}}}
    responses = {"200": {"description": "A file of the pairing page.", "content": content}}
    return {"operationId": name.replace(".", "-"), "responses": responses}


def _operation(operation_id: str, meaning: str, schema: dict[str, Any]) -> dict[str, Any]:
    retry_after = {"Retry-After": {"description": "seconds", "required": True, "schema": {"type": "string"}}}
    return {
        "operationId": operation_id,
        "security": [{"token": []}],
        "responses": {
            "200": {"description": meaning, "content": {"application/json": {"schema": schema}}},
            str(UNKNOWN_TOKEN.status): {"description": "The token is unknown.", "content": _TEXT},
            str(RATE_LIMITED.status): {"description": "Too many requests.", "content": _TEXT, "headers": retry_after},
        },
    }


def _setup() -> dict[str, Any]:
    texts = ("name", "title", "systems", "where", "link", "code", "scan", "note")
    value = {
        "type": "object",
        "required": ["name", "value"],
        "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
    }
    app = {
        "type": "object",
        "required": [*texts, "values", "qr"],
        "properties": {
            **{name: {"type": "string"} for name in texts},
            "values": {"type": "array", "items": value},
            "qr": _QR_CODE,
        },
    }
    return {
        "type": "object",
        "required": ["device", "page", "only_here", "apps"],
        "properties": {
            "device": {"type": "string"},
            "page": {"type": "object", "properties": {"url": {"type": "string"}, "qr": _QR_CODE}},
            "only_here": {"type": "boolean", "description": "no phone can reach this bridge"},
            "apps": {"type": "array", "items": app},
        },
    }


def _status() -> dict[str, Any]:
    heard = {
        "type": ["object", "null"],
        "required": ["app", "heard_age_s", "fix_age_s", "accuracy_m", "complaint"],
        "properties": {
            "app": {"type": "string"},
            "heard_age_s": {"type": "number", "minimum": 0},
            "fix_age_s": _OPTIONAL_NUMBER,
            "accuracy_m": _OPTIONAL_NUMBER,
            "complaint": {"type": ["string", "null"], "description": "a problem that the phone's holder has to solve"},
        },
    }
    properties = {"device": {"type": "string"}, "heard": heard}
    return {"type": "object", "required": ["device", "heard"], "properties": properties}
