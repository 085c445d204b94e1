"""The OpenAPI document of the console, generated from the endpoints of its routes and their message structs."""

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from inspect import cleandoc
from typing import Any, Final

import msgspec
from aiohttp import hdrs, web

from app.api.alerts import AlertRoutes
from app.api.auth.middleware import COOKIE, PUBLIC_PATHS, AuthMiddleware
from app.api.cases.routes import CaseRoutes
from app.api.endpoint import JSON, Documented, Endpoint, Parameter, endpoints_of, mount_endpoints, serves
from app.api.live.service import LiveService
from app.api.live.sse_endpoint import EventStream
from app.api.messages import ErrorResponse
from app.api.static_files import StaticFiles

PATH: Final = "/openapi.json"
TEXT: Final = "text/plain"
SESSION: Final = "session"

ERROR_HELP: Final = {
    400: "The request is invalid. `field` names the parameter.",
    401: "There is no valid session, or the login token is unknown.",
    403: "The role does not allow it, or the request comes from a page of another origin.",
    404: "There is no such case or file.",
    409: "The topics no longer hold the case.",
    413: "The body is larger than 64 KiB.",
    415: "The body is not JSON.",
    429: "A test alert was sent a moment ago.",
    503: "Kafka or Elasticsearch does not answer, or the server is at a limit: try again.",
}


class DocumentRoutes:
    """Routes of the server itself: liveness and this document."""

    def mount(self, application: web.Application) -> None:
        mount_endpoints(application, self)

    @serves(Endpoint(method="GET", path="/livez", media_type=TEXT))
    async def _livez(self, _request: web.Request) -> web.Response:
        """Return whether the event loop of the server runs."""
        return web.Response(text="live")

    @serves(Endpoint(method="GET", path=PATH))
    async def _document(self, _request: web.Request) -> web.Response:
        """Return this document: OpenAPI 3.1 of the console."""
        return web.json_response(document())


GROUPS: Final = (
    ("Session", (AuthMiddleware,)),
    ("Live view", (EventStream,)),
    ("Cases", (CaseRoutes,)),
    ("Alerts", (AlertRoutes,)),
    ("Page", (StaticFiles,)),
    ("Service", (LiveService, DocumentRoutes)),
)
"""Classes with routes, by the heading of their endpoints."""


def endpoints() -> Iterator[tuple[str, Documented]]:
    """Yield every endpoint with its heading, in document order."""
    for heading, classes in GROUPS:
        for routes in classes:
            for one in endpoints_of(routes):
                yield heading, one


def document() -> dict[str, Any]:
    """Return the OpenAPI document, a new one with each call."""
    paths: dict[str, dict[str, Any]] = {}
    structs: dict[type[msgspec.Struct], None] = {ErrorResponse: None}
    for heading, one in endpoints():
        paths.setdefault(one.endpoint.path, {})[one.endpoint.method.lower()] = _operation(heading, one)
        structs |= dict.fromkeys(_structs(one.endpoint))
    _, components = msgspec.json.schema_components(structs, ref_template="#/components/schemas/{name}")
    schemas = {name: _cleaned(schema) for name, schema in sorted(components.items())}
    cookie = {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "Set by `POST /api/login`."}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Geovelocity console",
            "version": "1",
            "description": "Server of the analysts' page: live suspects, search, feedback.",
        },
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {SESSION: cookie}},
    }


def _cleaned(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with its docstring on one line for each paragraph."""
    if "description" not in schema:
        return schema
    paragraphs = cleandoc(schema["description"]).split("\n\n")
    return {**schema, "description": "\n\n".join(" ".join(one.split()) for one in paragraphs)}


def _structs(endpoint: Endpoint) -> Iterator[type[msgspec.Struct]]:
    for struct in (endpoint.request, endpoint.response, *endpoint.events.values()):
        if struct is not None:
            yield struct


def _operation(heading: str, one: Documented) -> dict[str, Any]:
    endpoint = one.endpoint
    summary, _, description = one.docstring.partition("\n")
    described: dict[str, Any] = {
        "operationId": _id_of(endpoint),
        "tags": [heading],
        "summary": summary,
        "responses": _responses(endpoint),
    }
    if text := " ".join(description.split()):
        described["description"] = text
    if endpoint.parameters:
        described["parameters"] = [_parameter(parameter) for parameter in endpoint.parameters]
    if endpoint.request is not None:
        described["requestBody"] = {"required": True, "content": {JSON: {"schema": _reference(endpoint.request)}}}
    if needs_session(endpoint):
        described["security"] = [{SESSION: []}]
    return described


def needs_session(endpoint: Endpoint) -> bool:
    """Return whether the endpoint needs a login."""
    return endpoint.path.startswith("/api/") and endpoint.path not in PUBLIC_PATHS


def error_statuses(endpoint: Endpoint) -> list[int]:
    """Return the error statuses of an endpoint, in order."""
    found = set(endpoint.errors)
    if endpoint.path.startswith("/api/"):
        found.add(403)
    if needs_session(endpoint):
        found.add(401)
    if endpoint.method != hdrs.METH_GET:
        found.add(415)
    if endpoint.request is not None:
        found |= {400, 413}
    return sorted(found)


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    success: dict[str, Any] = {"description": HTTPStatus(endpoint.status).phrase}
    if endpoint.status != HTTPStatus.NO_CONTENT:
        success["content"] = {endpoint.media_type: {"schema": _success_schema(endpoint)}}
    errors = {str(status): _error(endpoint, status) for status in error_statuses(endpoint)}
    return {str(endpoint.status): success, **errors}


def _success_schema(endpoint: Endpoint) -> dict[str, Any]:
    if endpoint.response is not None:
        return _reference(endpoint.response)
    if endpoint.events:
        events = {name: _reference(body) for name, body in endpoint.events.items()}
        return {"type": "string", "description": "Server-sent events.", "x-events": events}
    return {"type": "object"} if endpoint.media_type == JSON else {"type": "string"}


def _error(endpoint: Endpoint, status: int) -> dict[str, Any]:
    if endpoint.media_type == TEXT:
        return {"description": ERROR_HELP[status], "content": {TEXT: {"schema": {"type": "string"}}}}
    return {"description": ERROR_HELP[status], "content": {JSON: {"schema": _reference(ErrorResponse)}}}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.place == "path",
        "description": parameter.description,
        "schema": dict(parameter.schema),
    }


def _id_of(endpoint: Endpoint) -> str:
    words = endpoint.path.replace("{", "").replace("}", "").replace(".", "/").split("/")
    return "_".join([endpoint.method.lower(), *_named(words)])


def _named(words: Iterable[str]) -> list[str]:
    return [word for word in words if word] or ["page"]


def _reference(struct: type[msgspec.Struct]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{struct.__name__}"}
