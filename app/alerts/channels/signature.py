"""The signature by which a receiver verifies the sender and the age of a webhook.

Its form is `t=<epoch seconds>,v1=<hex HMAC-SHA-256 of "<t>.<body>">`. The receiver computes it over the raw body,
compares in constant time, and rejects timestamps that are too old.
"""

from hashlib import sha256
from hmac import digest
from typing import Final

SIGNATURE_HEADER: Final = "Geovelocity-Signature"
ID_HEADER: Final = "Geovelocity-Alert-Id"


def signature(secret: str, body: bytes, now_s: float) -> str:
    """Return the value of the header `SIGNATURE_HEADER`."""
    at = f"{int(now_s)}"
    return f"t={at},v1={digest(secret.encode(), at.encode() + b'.' + body, sha256).hex()}"
