"""The session token: a signed cookie with user name and expiry. Pure: the caller passes time and nonce.

The signing key is the hash of the user's token. So a session ends when the token is replaced, survives a restart of the
server, and needs no extra secret. A reader of the users file could forge sessions; only its owner can read it.
"""

from hashlib import sha256
from hmac import compare_digest
from hmac import digest as hmac_digest
from typing import Final, NamedTuple

PURPOSE: Final = b"geovelocity console session\0"


class SessionToken(NamedTuple):
    """The fields of a cookie, not verified. `until_s`: expiry, epoch seconds. `nonce`: unique for each login."""

    name: str
    until_s: int
    nonce: str
    signature: str


def encode(name: str, key: str, until_s: int, nonce: str) -> str:
    """Return the text of a cookie. All its characters are allowed in cookies without quotes."""
    return f"{name}:{until_s}:{nonce}:{_sign(name, key, until_s, nonce)}"


def decode(text: str) -> SessionToken | None:
    """Return the fields of a text; None where it is not a session token. Never raises."""
    parts = text.split(":")
    if len(parts) != len(SessionToken._fields) or not (
        parts[1].isascii() and parts[1].isdigit() and len(parts[1]) <= 12
    ):
        return None
    name, until, nonce, signature = parts
    return SessionToken(name, int(until), nonce, signature)


def is_valid(token: SessionToken, key: str, now_s: float) -> bool:
    """Return whether this server signed the token with the key, and it has not expired."""
    signature = _sign(token.name, key, token.until_s, token.nonce)
    return compare_digest(signature.encode(), token.signature.encode(errors="replace")) and now_s < token.until_s


def _sign(name: str, key: str, until_s: int, nonce: str) -> str:
    return hmac_digest(key.encode(), PURPOSE + f"{name}:{until_s}:{nonce}".encode(errors="replace"), sha256).hex()
