"""Refusal: a request that is not granted, and why, in one sentence for whoever asked."""

from aiohttp import web


class ApiError(Exception):
    """Raised by a handler, answered as JSON. `fields`: what else the page is to know, as which parameter is wrong."""

    def __init__(self, status: int, message: str, **fields: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": message, **fields}

    def response(self) -> web.Response:
        return web.json_response(self.body, status=self.status)
