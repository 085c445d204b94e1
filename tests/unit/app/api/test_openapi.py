"""The OpenAPI document: complete, valid references, and served by the console."""

from collections.abc import Iterator
from typing import Any

from aiohttp import web

from app.api.alerts import AlertRoutes
from app.api.auth.middleware import AuthMiddleware
from app.api.cases.filter import LIMIT_MAX, PARAMETERS, Filter, read_filter
from app.api.cases.routes import CaseRoutes
from app.api.live.service import LiveService
from app.api.openapi import document
from app.api.server import Routes, console
from app.api.static_files import StaticFiles
from app.settings import Settings


def application() -> web.Application:
    """Return the console as `geovelocity api` builds it."""
    settings = Settings(_env_file=None)
    access = AuthMiddleware.from_settings(settings)
    parts: list[Routes] = [StaticFiles(), LiveService(settings, access), CaseRoutes(settings), AlertRoutes(settings)]
    return console(access, parts)


async def test_every_route_is_in_the_document_and_every_operation_is_a_route() -> None:
    routes = {
        (route.method, route.resource.canonical)
        for route in application().router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    documented = {(method.upper(), path) for path, methods in document()["paths"].items() for method in methods}
    assert routes == documented


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_every_reference_leads_to_a_schema_and_every_schema_is_referenced() -> None:
    described = document()
    names = {reference.rpartition("/")[2] for reference in references(described)}
    assert names == set(described["components"]["schemas"])


def test_operation_ids_are_unique_and_every_operation_has_a_summary() -> None:
    operations = [one for methods in document()["paths"].values() for one in methods.values()]
    assert len({one["operationId"] for one in operations}) == len(operations)
    assert all(one["summary"].endswith(".") for one in operations)


def test_every_parameter_in_a_path_is_described() -> None:
    for path, methods in document()["paths"].items():
        wanted = {part.strip("{}") for part in path.split("/") if part.startswith("{")}
        for one in methods.values():
            assert {p["name"] for p in one.get("parameters", ()) if p["in"] == "path"} == wanted


def test_the_search_accepts_what_the_schemas_of_its_parameters_allow() -> None:
    for parameter in PARAMETERS:
        schema = parameter.schema
        values = [*schema.get("enum", ()), *[schema[key] for key in ("minimum", "maximum", "default") if key in schema]]
        for value in values:
            assert isinstance(read_filter([(parameter.name, str(value))]), Filter), (parameter.name, value)
    assert {one.field for one in PARAMETERS} == set(Filter.__dataclass_fields__)
    assert LIMIT_MAX == 200
