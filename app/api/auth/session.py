"""Session: a signed note that says who has logged in and until when. Pure: time and chance are passed in.

The key of a note is the hash of the user's token, so a note ends with the token, outlives a restart of the server, and
needs no secret of its own. Whoever can read the file of users could write notes: it is readable by its owner alone.
"""

from hashlib import sha256
from hmac import compare_digest
from hmac import digest as keyed
from typing import Final, NamedTuple

PURPOSE: Final = b"geovelocity console session\0"


class SessionToken(NamedTuple):
    """What a cookie says, true or not. `until_s`: epoch seconds. `nonce`: tells the notes of one user apart."""

    name: str
    until_s: int
    nonce: str
    signature: str


def encode(name: str, key: str, until_s: int, nonce: str) -> str:
    """The text of a cookie, of letters that need no quoting there."""
    return f"{name}:{until_s}:{nonce}:{_sign(name, key, until_s, nonce)}"


def decode(text: str) -> SessionToken | None:
    """What the text says; None: it is no note. Total."""
    parts = text.split(":")
    if len(parts) != len(SessionToken._fields) or not (
        parts[1].isascii() and parts[1].isdigit() and len(parts[1]) <= 12
    ):
        return None
    name, until, nonce, signature = parts
    return SessionToken(name, int(until), nonce, signature)


def is_valid(token: SessionToken, key: str, now_s: float) -> bool:
    """It was written by us for this key, and has not run out."""
    signature = _sign(token.name, key, token.until_s, token.nonce)
    return compare_digest(signature.encode(), token.signature.encode(errors="replace")) and now_s < token.until_s


def _sign(name: str, key: str, until_s: int, nonce: str) -> str:
    return keyed(key.encode(), PURPOSE + f"{name}:{until_s}:{nonce}".encode(errors="replace"), sha256).hex()
