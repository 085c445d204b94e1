"""Authorization: where in a request its token stands, as the apps send it."""

import binascii
from base64 import b64decode

from aiohttp import web


def token_of(request: web.Request) -> str:
    """The token, or "" where there is none. Total.

    In the header it stands alone, after the word Bearer, or as the password of Basic, whatever the name (OwnTracks); in
    the path for apps that cannot set headers.
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
