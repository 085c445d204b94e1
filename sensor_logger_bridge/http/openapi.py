"""OpenAPI: what the bridge is asked and answers, as OpenAPI 3.1. Made of the same limits that are enforced."""

from typing import Any, Final

from sensor_logger_bridge.apps import gpslogger, overland, owntracks, sensor_logger, traccar
from sensor_logger_bridge.apps.app import FORM, JSON, UNAUTHORIZED, App
from sensor_logger_bridge.apps.registry import APPS
from sensor_logger_bridge.http import openapi_messages as messages
from sensor_logger_bridge.http.body import BODY_TIMEOUT_S
from sensor_logger_bridge.pairing import openapi as described
from sensor_logger_bridge.translation import SHOWN_ON_PHONE

PATH: Final = "/openapi.json"

_BODIES: Final = {
    sensor_logger.SOURCE: {JSON: "SensorLogger"},
    owntracks.SOURCE: {JSON: "OwnTracks"},
    overland.SOURCE: {JSON: "Overland"},
    traccar.SOURCE: {JSON: "Traccar", FORM: "TraccarForm"},
    gpslogger.SOURCE: {FORM: "GpsLoggerForm"},
}
_QUERIES: Final = {traccar.SOURCE: traccar.NAMES, gpslogger.SOURCE: gpslogger.NAMES}

_RETRY_AFTER: Final = {
    "Retry-After": {"description": "seconds", "required": True, "schema": {"type": "string", "pattern": "^[0-9]+$"}}
}
_CHALLENGE: Final = {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}


def responses(app: App) -> dict[int, str]:
    """What may be answered to a message of the app, and what it means."""
    thanks = "Settled. Positions, if there are any, are confirmed by all replicas of the broker"
    found = {
        200: f"{thanks}." if app.shows_texts else f"{thanks}, or cannot be taken and are not to be sent again.",
        400: f"No {app.title} message: the text says the code and the field, and quotes nothing.",
        403: "The token belongs to another device than the message.",
        408: f"The message did not arrive within {BODY_TIMEOUT_S:.0f} s.",
        413: f"More than {app.bytes_max} bytes after decompression, or more than {sensor_logger.ITEMS_MAX} positions.",
        415: f"Not {' or '.join(app.media_types)} in UTF-8, or compressed other than with gzip or deflate.",
        429: "Too many messages of one device.",
        503: "The broker does not confirm; nothing was kept.",
    }
    if app.shows_texts:
        found[SHOWN_ON_PHONE] = (
            "What only the phone's holder can put right: unknown token, wrong clock, rounded or made-up coordinates. "
            f"{app.title} shows the text on the phone."
        )
    elif app.unknown_token_status == UNAUTHORIZED:
        found[UNAUTHORIZED] = "The token is not known."
    else:
        found[app.unknown_token_status] += " Or: the token is not known."
    return dict(sorted(found.items()))


def document() -> dict[str, Any]:
    """The whole description, a new one each time."""
    token = {
        "name": "token",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"},
    }
    paths: dict[str, Any] = {}
    for app in APPS:
        paths[f"/{app.name}"] = _pushes(app, "", [{"token": []}, {"password": []}])
        paths[f"/{app.name}/{{token}}"] = {**_pushes(app, "ByUrl", [{}]), "parameters": [token]}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Geovelocity bridge", "version": "1", "description": "Takes positions from phones."},
        "paths": {
            **paths,
            "/livez": {"get": _asked("live", {200: "The bridge runs."})},
            "/readyz": {"get": _asked("ready", {200: "The broker answers.", 503: "It does not."})},
            PATH: {"get": {"operationId": "openapi", "responses": {"200": _as_json("This document.")}}},
            **described.paths(),
        },
        "components": {"schemas": messages.schemas(), "securitySchemes": _security()},
    }


def _security() -> dict[str, Any]:
    alone = "The device's token, alone or after the word Bearer."
    return {
        "token": {"type": "apiKey", "in": "header", "name": "Authorization", "description": alone},
        "password": {"type": "http", "scheme": "basic", "description": "The token as the password of any name."},
    }


def _pushes(app: App, how: str, security: list[dict[str, list[str]]]) -> dict[str, Any]:
    """One operation for each method of the app."""
    name = app.name.replace("-", "_")
    return {
        method.lower(): {
            "operationId": f"{name}_{method.lower()}{how}",
            "security": security,
            "responses": _responses(app),
            **_request(app, method),
        }
        for method in app.methods
    }


def _request(app: App, method: str) -> dict[str, Any]:
    query = messages.parameters(_QUERIES.get(app.name, ()))
    asked: dict[str, Any] = {"parameters": query} if query else {}
    if method == "POST":
        bodies = _BODIES[app.name].items()
        content = {kind: {"schema": {"$ref": f"#/components/schemas/{name}"}} for kind, name in bodies}
        asked["requestBody"] = {"required": not query, "content": content}
    return asked


def _responses(app: App) -> dict[str, Any]:
    told = {str(status): _text(meaning) for status, meaning in responses(app).items()}
    if app.success_response is not None and app.success_response.media_type == JSON:
        told["200"]["content"] = {JSON: {"schema": {}}}
    for status in ("429", "503"):
        told[status]["headers"] = _RETRY_AFTER
    if str(UNAUTHORIZED) in told:
        told[str(UNAUTHORIZED)]["headers"] = _CHALLENGE
    return told


def _asked(operation: str, answers: dict[int, str]) -> dict[str, Any]:
    return {
        "operationId": operation,
        "responses": {str(status): _text(meaning) for status, meaning in answers.items()},
    }


def _text(meaning: str) -> dict[str, Any]:
    return {"description": meaning, "content": {"text/plain": {"schema": {"type": "string"}}}}


def _as_json(meaning: str) -> dict[str, Any]:
    return {"description": meaning, "content": {"application/json": {"schema": {"type": "object"}}}}
