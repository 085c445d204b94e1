"""The console's HTTP server: it combines the routes and handles headers and errors of all responses."""

import logging
from collections.abc import Iterable
from http import HTTPStatus
from traceback import extract_tb
from types import MappingProxyType
from typing import Final, Protocol

from aiohttp import hdrs, web

from app.api.auth.middleware import AuthMiddleware, Handler
from app.api.errors import ApiError
from app.api.openapi import DocumentRoutes
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
"""Headers of every response: the page loads only own files, runs no script in data, and cannot be framed."""


class Routes(Protocol):
    """A group of endpoints. `mount` adds its routes, and to `cleanup_ctx` the resources to close at shutdown."""

    def mount(self, application: web.Application) -> None: ...


def console(access: AuthMiddleware, routes: Iterable[Routes]) -> web.Application:
    """Return the console as a web application. Every path under `/api` needs a login."""
    application = web.Application(middlewares=[_error_response], client_max_size=BODY_BYTES_MAX)
    application.on_response_prepare.append(_add_headers)
    groups: list[Routes] = [access, DocumentRoutes(), *routes]
    for group in groups:
        group.mount(application)
    return application


async def serve(application: web.Application, host: str, port: int) -> web.AppRunner:
    """Listen until the caller cleans up the runner. No request is logged, because search URLs contain tokens.

    Raises:
        OSError: the port is taken.
    """
    silent = log.getChild("wire")  # aiohttp logs malformed requests with their tokens
    silent.disabled = True
    runner = web.AppRunner(application, access_log=None, logger=silent, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    return runner


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
    if request.path.startswith("/api/"):
        response.headers[hdrs.CACHE_CONTROL] = "no-store"


@web.middleware
async def _error_response(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error into one sentence in JSON. The sentence quotes nothing of the request or the stores."""
    try:
        return await handler(request)
    except ApiError as error:
        return error.response()
    except GeovelocityError as error:
        return ApiError(503 if error.retriable else 500, str(error)).response()
    except web.HTTPException as answer:
        if answer.status < 400:
            raise
        return ApiError(answer.status, f"{HTTPStatus(answer.status).phrase}.").response()
    except Exception as error:  # noqa: BLE001 - the text of an exception can quote the request
        frame = extract_tb(error.__traceback__)[-1]
        log.error(  # noqa: TRY400 - a traceback contains such texts
            "request failed: %s at %s:%s", type(error).__name__, frame.filename, frame.lineno
        )
        return ApiError(500, "The request failed: see the console's log for the place in the code.").response()
