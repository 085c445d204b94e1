"""Body: reading what a phone sends, with a limit on time and on size after decompression."""

import asyncio
import zlib
from typing import Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from schemas.codes.reject import RejectCode
from sensor_logger_bridge.apps.app import App
from sensor_logger_bridge.translation import Unusable

BODY_TIMEOUT_S: Final = 10.0
_EITHER_ZLIB_OR_GZIP: Final = 47  # window bits: 32 for "detect the header" and 15 for the largest window

TOO_SLOW: Final = Unusable(408, "too-slow", f"The message did not arrive within {BODY_TIMEOUT_S:.0f} s.")
NOT_GZIP: Final = Unusable(415, "content-encoding", "Send it plain, or compressed with gzip.")
BROKEN: Final = Unusable(400, "broken", "The message was cut off or is not what its headers say.")


async def read_body(request: web.Request, app: App) -> bytes | Unusable:
    """The body, decompressed. Never holds more than the app's limit and one chunk. No body needs no type."""
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
    """Nearly every message came together with its head: there is nothing to wait for."""
    return request.content.read_nowait() if request.content.total_bytes <= app.bytes_max else _too_large(app)


def _too_large(app: App) -> Unusable:
    return Unusable(413, RejectCode.TOO_LARGE, f"More than {app.bytes_max} bytes: let the phone send less at a time.")


async def _collect(request: web.Request, bytes_max: int) -> bytes | None:
    """None: it is longer."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > bytes_max:
            return None
    return bytes(body)


async def _decompress(request: web.Request, bytes_max: int) -> bytes | None:
    """None: it would be longer."""
    inflater = zlib.decompressobj(_EITHER_ZLIB_OR_GZIP)
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += inflater.decompress(chunk, bytes_max + 1 - len(body))
        if len(body) > bytes_max:
            return None
        if inflater.unused_data:
            raise zlib.error
    if not inflater.eof:
        raise zlib.error
    return bytes(body)
