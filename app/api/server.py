"""The console's server: its rooms under one roof, and what holds for every answer."""

import logging
from collections.abc import Iterable
from http import HTTPStatus
from traceback import extract_tb
from types import MappingProxyType
from typing import Final, Protocol

from aiohttp import hdrs, web

from app.api.auth.middleware import AuthMiddleware, Handler
from app.api.errors import ApiError
from app.errors import GeovelocityError

log = logging.getLogger(__name__)

BODY_BYTES_MAX: Final = 64 << 10
HEADERS: Final = MappingProxyType(
    {
        "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }
)
"""On every answer: the page loads nothing from elsewhere, runs nothing that stands in data, and is framed by nobody."""


class Routes(Protocol):
    """A part of the console. It adds its routes, and to `cleanup_ctx` what must run while the server does."""

    def mount(self, application: web.Application) -> None: ...


def console(access: AuthMiddleware, routes: Iterable[Routes]) -> web.Application:
    """The whole of it. Whatever a room serves under /api is for those who have logged in."""
    application = web.Application(middlewares=[_error_response], client_max_size=BODY_BYTES_MAX)
    application.on_response_prepare.append(_add_headers)
    access.mount(application)
    application.router.add_get("/livez", _livez)
    for room in routes:
        room.mount(application)
    return application


async def serve(application: web.Application, host: str, port: int) -> web.AppRunner:
    """Listens until the runner is cleaned up. Nothing is logged of a request: searches have tokens in their address.

    Raises:
        OSError: the port is taken.
    """
    silent = log.getChild("wire")  # aiohttp logs requests that it cannot read, tokens and all
    silent.disabled = True
    runner = web.AppRunner(application, access_log=None, logger=silent, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    return runner


async def _livez(_request: web.Request) -> web.Response:
    return web.Response(text="live")


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
    if request.path.startswith("/api/"):
        response.headers[hdrs.CACHE_CONTROL] = "no-store"


@web.middleware
async def _error_response(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever goes wrong is one sentence in JSON, which quotes nothing that was sent or stored."""
    try:
        return await handler(request)
    except ApiError as refusal:
        return refusal.response()
    except GeovelocityError as error:
        return ApiError(503 if error.retriable else 500, str(error)).response()
    except web.HTTPException as answer:
        if answer.status < 400:
            raise
        return ApiError(answer.status, f"{HTTPStatus(answer.status).phrase}.").response()
    except Exception as error:  # noqa: BLE001 - the text of an error can quote what it is about
        place = extract_tb(error.__traceback__)[-1]
        log.error(  # noqa: TRY400 - a traceback has such texts in it
            "a request could not be answered: %s at %s:%s", type(error).__name__, place.filename, place.lineno
        )
        return ApiError(500, "This could not be answered; the log of the console says where it failed.").response()
