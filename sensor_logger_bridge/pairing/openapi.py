"""Described: the pairing page's part of the OpenAPI document."""

from typing import Any, Final

from sensor_logger_bridge.pairing.page import FILES, RATE_LIMITED, SETUP, STATUS, UNKNOWN_TOKEN

_TEXT: Final[dict[str, Any]] = {"text/plain": {"schema": {"type": "string"}}}
_NUMBER_OR_NOT_KNOWN: Final = {"type": ["number", "null"], "minimum": 0}
_CODE: Final = {
    "type": ["object", "null"],
    "required": ["size", "path"],
    "properties": {"size": {"type": "integer"}, "path": {"type": "string", "description": "an SVG path"}},
}


def paths() -> dict[str, Any]:
    """Paths of the document, a new one each time."""
    files = {path: {"get": _file(name, media_type)} for path, (name, media_type) in FILES.items()}
    return {
        **files,
        SETUP: {
            "get": _asked("pairingSetup", "What each app has to be told, as links, QR codes and values.", _setup())
        },
        STATUS: {"get": _asked("pairingStatus", "What was last heard of the phone.", _status())},
    }


def _file(name: str, media_type: str) -> dict[str, Any]:
    content = {media_type: {"schema": {"type": "string"}}}
    answers = {"200": {"description": "A file of the pairing page.", "content": content}}
    return {"operationId": name.replace(".", "-"), "responses": answers}


def _asked(operation: str, meaning: str, schema: dict[str, Any]) -> dict[str, Any]:
    again = {"Retry-After": {"description": "seconds", "required": True, "schema": {"type": "string"}}}
    return {
        "operationId": operation,
        "security": [{"token": []}],
        "responses": {
            "200": {"description": meaning, "content": {"application/json": {"schema": schema}}},
            str(UNKNOWN_TOKEN.status): {"description": "The token is not known.", "content": _TEXT},
            str(RATE_LIMITED.status): {"description": "Asked too often.", "content": _TEXT, "headers": again},
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
            "qr": _CODE,
        },
    }
    return {
        "type": "object",
        "required": ["device", "page", "only_here", "apps"],
        "properties": {
            "device": {"type": "string"},
            "page": {"type": "object", "properties": {"url": {"type": "string"}, "qr": _CODE}},
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
            "fix_age_s": _NUMBER_OR_NOT_KNOWN,
            "accuracy_m": _NUMBER_OR_NOT_KNOWN,
            "complaint": {"type": ["string", "null"], "description": "what its holder has to put right"},
        },
    }
    properties = {"device": {"type": "string"}, "heard": heard}
    return {"type": "object", "required": ["device", "heard"], "properties": properties}
