"""Wire: what is no HTTP is refused without being quoted, in the answer as in the log.

aiohttp answers with the line it could not read, and logs it with a traceback; tokens, positions and card numbers can
stand in it. It has no setting for that, so three of its classes are told here which class to make.
"""

import logging
from http import HTTPStatus
from traceback import extract_tb

from aiohttp import web

log = logging.getLogger(__name__)


class _Handler(web.RequestHandler):
    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,  # noqa: ARG002 - aiohttp's signature
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - quotes what was sent
    ) -> web.StreamResponse:
        """An answer that says no more than its status; only what is our own fault is logged, by type and place."""
        if status >= 500 and exc is not None:
            place = extract_tb(exc.__traceback__)[-1:]
            where = f" at {place[0].filename}:{place[0].lineno}" if place else ""
            log.error("a request could not be answered: %s%s", type(exc).__name__, where)
        answer = web.Response(status=status, text=f"{HTTPStatus(status).phrase}.")
        answer.force_close()
        return answer


class _Server(web.Server):
    def __call__(self) -> web.RequestHandler:
        return _Handler(self, loop=self._loop, **self._kwargs)


class Runner(web.AppRunner):
    """As aiohttp's."""

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        server.__class__ = _Server
        return server


async def go_on(request: web.Request) -> None:
    """For `Expect: 100-continue`; any other expectation may be left alone (RFC 9110, 10.1.1), and is not quoted."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # the answer itself has not begun
