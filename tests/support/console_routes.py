"""A console with sample routes, one for each kind of response."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from app.api.auth.middleware import AuthMiddleware, analyst_of
from app.api.auth.users import Users
from app.api.errors import ApiError
from app.api.server import console
from app.api.static_files import StaticFiles
from app.errors import UnavailableError

CARD = "4111111111111111"


class SampleRoutes:
    """Routes that succeed for analysts, raise the API's errors, or fail with a card number in the message."""

    def mount(self, application: web.Application) -> None:
        application.router.add_post("/api/judge", self._judge)
        application.router.add_get("/api/unavailable", self._unavailable)
        application.router.add_get("/api/broken", self._broken)
        application.router.add_get("/api/invalid", self._invalid)

    async def _judge(self, request: web.Request) -> web.Response:
        return web.json_response({"by": analyst_of(request).name}, status=201)

    async def _unavailable(self, _request: web.Request) -> web.Response:
        raise UnavailableError("Elasticsearch does not answer: start it")

    async def _broken(self, _request: web.Request) -> web.Response:
        raise ValueError(f"could not convert string to float: {CARD}")

    async def _invalid(self, _request: web.Request) -> web.Response:
        raise ApiError(400, "amount_min must be a number", field="amount_min")


@asynccontextmanager
async def console_with_sample_routes(
    path: Path, *, is_open: bool = False, now_s: list[float] | None = None
) -> AsyncIterator[Any]:
    """Yield a client. `path`: users file; its folder is that of the page. `now_s`: time of the server, one element."""
    times = now_s or [1_000_000.0]
    access = AuthMiddleware(Users(path), is_open=is_open, clock=lambda: times[0])
    async with TestClient(TestServer(console(access, [StaticFiles(path.parent), SampleRoutes()]))) as client:
        yield client
