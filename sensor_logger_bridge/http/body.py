"""Reading of a request's body, with limits on its time and on its size after decompression."""

import asyncio
import zlib
from typing import Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from schemas.codes.reject import RejectCode
from sensor_logger_bridge.apps.app import App
from sensor_logger_bridge.translation import Unusable

BODY_TIMEOUT_S: Final = 10.0
"""Time from the head of a request to the end of its body."""

_ZLIB_OR_GZIP_BITS: Final = 47  # window bits: 32 to detect the header, plus 15 for the largest window

TOO_SLOW: Final = Unusable(408, "too-slow", f"The message did not arrive within {BODY_TIMEOUT_S:.0f} s.")
NOT_GZIP: Final = Unusable(415, "content-encoding", "Send the message without compression or with gzip.")
BROKEN: Final = Unusable(400, "broken", "The message is incomplete or does not match its headers.")


async def read_body(request: web.Request, app: App) -> bytes | Unusable:
    """Return the decompressed body. Hold at most the app's limit and one chunk in memory.

    A request without a body needs no media type.
    """
    if not request.can_read_body:
        return b""
    if request.content_type not in app.media_types or (request.charset or "utf-8").lower() not in ("utf-8", "utf8"):
        return Unusable(415, "media-type", f"Send {app.media_types[0]} in UTF-8.")
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding not in ("identity", "gzip", "deflate"):
        return NOT_GZIP
    if (request.content_length or 0) > app.bytes_max:
        return _too_large(app)
    if request.content.is_eof() and encoding == "identity":
        return _already_received(request, app)
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            body = await (_collect if encoding == "identity" else _decompress)(request, app.bytes_max)
    except TimeoutError:
        return TOO_SLOW
    except (zlib.error, HttpProcessingError, ConnectionError):
        return BROKEN
    return _too_large(app) if body is None else body


def _already_received(request: web.Request, app: App) -> bytes | Unusable:
    """Return a body that arrived together with its head, as nearly all do, without waiting."""
    return request.content.read_nowait() if request.content.total_bytes <= app.bytes_max else _too_large(app)


def _too_large(app: App) -> Unusable:
    return Unusable(
        413, RejectCode.TOO_LARGE, f"More than {app.bytes_max} bytes: set the phone to send smaller messages."
    )


async def _collect(request: web.Request, bytes_max: int) -> bytes | None:
    """Return the body, or None if it is longer than `bytes_max`."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > bytes_max:
            return None
    return bytes(body)


async def _decompress(request: web.Request, bytes_max: int) -> bytes | None:
    """Return the decompressed body, or None if it would be longer than `bytes_max`."""
    decompressor = zlib.decompressobj(_ZLIB_OR_GZIP_BITS)
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += decompressor.decompress(chunk, bytes_max + 1 - len(body))
        if len(body) > bytes_max:
            return None
        if decompressor.unused_data:
            raise zlib.error
    if not decompressor.eof:
        raise zlib.error
    return bytes(body)
