"""The token of a request, in each of the forms that the apps send."""

import binascii
from base64 import b64decode

from aiohttp import web


def token_of(request: web.Request) -> str:
    """Return the token, or "" if the request has none. Total.

    The `Authorization` header has it alone, after the word Bearer, or as the password of Basic authentication with any
    name (OwnTracks). Apps that cannot set headers have it in the path.
    """
    header = request.headers.get("Authorization", "").strip()
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "basic":
        header = _password(rest)
    elif scheme.lower() == "bearer":
        header = rest.strip()
    return header or request.match_info.get("token", "")


def _password(encoded: str) -> str:
    try:
        return b64decode(encoded.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""
