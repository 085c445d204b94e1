"""Endpoints of the HTTP API. Each handler carries its route and messages, so that code and document agree."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar

import msgspec
from aiohttp import hdrs, web

JSON: Final = "application/json"
_ATTRIBUTE: Final = "__endpoints__"

H = TypeVar("H", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of a request. `schema` is JSON Schema."""

    name: str
    place: Literal["path", "query", "header"] = "query"
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method on one path.

    `response` None: a body that no struct describes, or none with status 204. `events`: for a stream of server-sent
    events, the body of each event by its name. `errors`: statuses beside those that every request can have.
    """

    method: str
    path: str
    status: int = 200
    response: type[msgspec.Struct] | None = None
    media_type: str = JSON
    request: type[msgspec.Struct] | None = None
    parameters: tuple[Parameter, ...] = ()
    errors: tuple[int, ...] = ()
    events: Mapping[str, type[msgspec.Struct]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Documented:
    """An endpoint with the name and docstring of its handler."""

    endpoint: Endpoint
    handler: str
    docstring: str


def serves(endpoint: Endpoint) -> Callable[[H], H]:
    """Attach an endpoint to a handler. A handler may have several."""

    def attach(handler: H) -> H:
        vars(handler).setdefault(_ATTRIBUTE, []).insert(0, endpoint)
        return handler

    return attach


def endpoints_of(routes: type) -> Iterator[Documented]:
    """Yield the endpoints of a class, in the order of its methods."""
    for name, member in vars(routes).items():
        for endpoint in getattr(member, _ATTRIBUTE, ()):
            yield Documented(endpoint, name, member.__doc__ or "")


def mount_endpoints(application: web.Application, routes: object) -> None:
    """Add every endpoint of an object to the router. GET paths also answer HEAD."""
    for one in endpoints_of(type(routes)):
        handler = getattr(routes, one.handler)
        if one.endpoint.method == hdrs.METH_GET:
            application.router.add_get(one.endpoint.path, handler)
        else:
            application.router.add_route(one.endpoint.method, one.endpoint.path, handler)
