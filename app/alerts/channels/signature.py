"""Signature: how a receiver knows that a webhook is ours, and of now.

`t=<epoch seconds>,v1=<hex HMAC-SHA-256 of "<t>.<body>">`. Whoever receives it computes the same over the raw body,
compares in constant time, and refuses what is older than he likes.
"""

from hashlib import sha256
from hmac import digest
from typing import Final

SIGNATURE_HEADER: Final = "Geovelocity-Signature"
ID_HEADER: Final = "Geovelocity-Alert-Id"


def signature(secret: str, body: bytes, now_s: float) -> str:
    """The value of the header."""
    at = f"{int(now_s)}"
    return f"t={at},v1={digest(secret.encode(), at.encode() + b'.' + body, sha256).hex()}"
