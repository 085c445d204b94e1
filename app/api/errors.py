"""The error type of the console's HTTP API."""

from aiohttp import web


class ApiError(Exception):
    """A request that the server rejects. `field`: the request parameter that the message is about."""

    def __init__(self, status: int, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": message} if field is None else {"error": message, "field": field}

    def response(self) -> web.Response:
        return web.json_response(self.body, status=self.status)
