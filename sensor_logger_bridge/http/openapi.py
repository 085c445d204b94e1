"""The OpenAPI 3.1 document of the bridge's HTTP interface, built from the limits that the bridge enforces."""

from collections.abc import Sequence
from typing import Any, Final

from schemas.push import FIXES_MAX
from sensor_logger_bridge.apps.app import JSON, UNAUTHORIZED, App
from sensor_logger_bridge.apps.registry import APPS
from sensor_logger_bridge.http.body import BODY_TIMEOUT_S
from sensor_logger_bridge.pairing import openapi as pairing
from sensor_logger_bridge.translation import SHOWN_ON_PHONE

PATH: Final = "/openapi.json"

_RETRY_AFTER: Final = {
    "Retry-After": {"description": "seconds", "required": True, "schema": {"type": "string", "pattern": "^[0-9]+$"}}
}
_CHALLENGE: Final = {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}


def responses(app: App) -> dict[int, str]:
    """Return the statuses that the bridge can answer to a message of the app, with their meanings."""
    accepted = "The message is settled. All replicas of the broker have confirmed its positions, if it has any"
    found = {
        200: f"{accepted}." if app.shows_texts else f"{accepted}. Or: the bridge rejects them; do not send them again.",
        400: f"Not a valid {app.title} message. The text names the code and the field, and quotes nothing.",
        403: "The token belongs to another device than the message.",
        408: f"The message did not arrive within {BODY_TIMEOUT_S:.0f} s.",
        413: f"More than {app.bytes_max} bytes after decompression, or more than {FIXES_MAX} positions.",
        415: f"Not {' or '.join(app.media_types)} in UTF-8, or a compression other than gzip or deflate.",
        429: "Too many messages of one device.",
        503: "The broker does not confirm. The bridge stored nothing.",
    }
    if app.shows_texts:
        found[SHOWN_ON_PHONE] = (
            "A problem that only the phone's holder can solve: unknown token, wrong clock, rounded or fake positions. "
            f"{app.title} shows the text on the phone."
        )
    elif app.unknown_token_status == UNAUTHORIZED:
        found[UNAUTHORIZED] = "The token is unknown."
    else:
        found[app.unknown_token_status] += " Or: the token is unknown."
    return dict(sorted(found.items()))


def document(apps: Sequence[App] = APPS) -> dict[str, Any]:
    """Build the whole document. Each call returns a new one."""
    token = {
        "name": "token",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"},
    }
    paths: dict[str, Any] = {}
    for app in apps:
        paths[f"/{app.name}"] = _operations(app, "", [{"token": []}, {"password": []}])
        paths[f"/{app.name}/{{token}}"] = {**_operations(app, "ByUrl", [{}]), "parameters": [token]}
    ready = {200: "The broker answers.", 503: "The broker does not answer."}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Geovelocity bridge", "version": "1", "description": "Accepts positions from phones."},
        "paths": {
            **paths,
            "/livez": {"get": _operation("live", {200: "The bridge is running."})},
            "/readyz": {"get": _operation("ready", ready)},
            PATH: {"get": {"operationId": "openapi", "responses": {"200": _json_response("This document.")}}},
            **pairing.paths(),
        },
        "components": {
            "schemas": {name: schema for app in apps for name, schema in app.openapi.named.items()},
            "securitySchemes": _security_schemes(),
        },
    }


def _security_schemes() -> dict[str, Any]:
    alone = "The device's token, alone or after the word Bearer."
    return {
        "token": {"type": "apiKey", "in": "header", "name": "Authorization", "description": alone},
        "password": {"type": "http", "scheme": "basic", "description": "The token as the password, with any name."},
    }


def _operations(app: App, suffix: str, security: list[dict[str, list[str]]]) -> dict[str, Any]:
    """Return one operation for each method of the app. `suffix` makes the operation ids of two paths differ."""
    name = app.name.replace("-", "_")
    return {
        method.lower(): {
            "operationId": f"{name}_{method.lower()}{suffix}",
            "security": security,
            "responses": _responses(app),
            **_request(app, method),
        }
        for method in app.methods
    }


def _request(app: App, method: str) -> dict[str, Any]:
    """Describe query and body. No query parameter is required, because a form can have them instead."""
    query = [{"name": name, "in": "query", "schema": schema} for name, schema in app.openapi.query.items()]
    request: dict[str, Any] = {"parameters": query} if query else {}
    if method == "POST":
        content = {media_type: {"schema": schema} for media_type, schema in app.openapi.bodies.items()}
        request["requestBody"] = {"required": not query, "content": content}
    return request


def _responses(app: App) -> dict[str, Any]:
    found = {str(status): _text_response(meaning) for status, meaning in responses(app).items()}
    if app.success_response is not None and app.success_response.media_type == JSON:
        found["200"]["content"] = {JSON: {"schema": {}}}
    for status in ("429", "503"):
        found[status]["headers"] = _RETRY_AFTER
    if str(UNAUTHORIZED) in found:
        found[str(UNAUTHORIZED)]["headers"] = _CHALLENGE
    return found


def _operation(operation_id: str, meanings: dict[int, str]) -> dict[str, Any]:
    return {
        "operationId": operation_id,
        "responses": {str(status): _text_response(meaning) for status, meaning in meanings.items()},
    }


def _text_response(meaning: str) -> dict[str, Any]:
    return {"description": meaning, "content": {"text/plain": {"schema": {"type": "string"}}}}


def _json_response(meaning: str) -> dict[str, Any]:
    return {"description": meaning, "content": {JSON: {"schema": {"type": "object"}}}}
