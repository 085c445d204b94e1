"""Body: reading what a phone sends, with a limit on time and on size after decompression."""

import asyncio
import zlib
from typing import Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from schemas.reject import RejectCode
from sensor_logger_bridge.translation import Refused

BYTES_MAX: Final = 256 << 10
READ_WITHIN_S: Final = 10.0
_EITHER_ZLIB_OR_GZIP: Final = 47  # window bits: 32 for "detect the header" and 15 for the largest window

TOO_LARGE: Final = Refused(413, RejectCode.TOO_LARGE, f"More than {BYTES_MAX >> 10} KiB: shorten the batch period.")
TOO_SLOW: Final = Refused(408, "too-slow", f"The message did not arrive within {READ_WITHIN_S:.0f} s.")
NOT_JSON: Final = Refused(415, "media-type", "Send application/json in UTF-8.")
NOT_GZIP: Final = Refused(415, "content-encoding", "Send it plain, or compressed with gzip.")
BROKEN: Final = Refused(400, "broken", "The message was cut off or is not what its headers say.")


async def read_body(request: web.Request) -> bytes | Refused:
    """The body, decompressed. Never holds more than the limit and one chunk."""
    if request.content_type != "application/json" or (request.charset or "utf-8").lower() not in ("utf-8", "utf8"):
        return NOT_JSON
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding not in ("identity", "gzip", "deflate"):
        return NOT_GZIP
    if (request.content_length or 0) > BYTES_MAX:
        return TOO_LARGE
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            return await (_plain(request) if encoding == "identity" else _inflated(request))
    except TimeoutError:
        return TOO_SLOW
    except (zlib.error, HttpProcessingError, ConnectionError):
        return BROKEN


async def _plain(request: web.Request) -> bytes | Refused:
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > BYTES_MAX:
            return TOO_LARGE
    return bytes(body)


async def _inflated(request: web.Request) -> bytes | Refused:
    inflater = zlib.decompressobj(_EITHER_ZLIB_OR_GZIP)
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += inflater.decompress(chunk, BYTES_MAX + 1 - len(body))
        if len(body) > BYTES_MAX:
            return TOO_LARGE
        if inflater.unused_data:
            return BROKEN
    return bytes(body) if inflater.eof else BROKEN
