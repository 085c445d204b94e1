"""The result of one attempt to deliver an alert. `detail` is for people and quotes nothing that a server sent."""

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

RETRYABLE_CODES: Final = frozenset({408, 425, 429})
"""HTTP codes of client errors that can pass: timeout, replay risk, rate limit (RFC 9110, 8470, 6585)."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver accepted the alert."""

    detail: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The receiver will never accept the alert."""

    detail: str


@dataclass(frozen=True, slots=True)
class Retryable:
    """The receiver may accept the alert later. `retry_after_s`: minimum delay that it asked for."""

    detail: str
    retry_after_s: float | None = None


DeliveryResult = Delivered | Rejected | Retryable


def result_of_status(status: int, retry_after: str | None, now_s: float) -> DeliveryResult:
    """Return the result that an HTTP status means. A redirect is retryable: its target is not configured.

    `retry_after`: the header, if any. `now_s`: seconds since the epoch.
    """
    if 200 <= status < 300:
        return Delivered(str(status))
    if 400 <= status < 500 and status not in RETRYABLE_CODES:
        return Rejected(f"answered {status}")
    return Retryable(f"answered {status}", parse_retry_after(retry_after, now_s))


def parse_retry_after(header: str | None, now_s: float) -> float | None:
    """Return the seconds from now, from either form of the header (RFC 9110, 10.2.3). None: it is not readable."""
    text = (header or "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now_s)
    except (ValueError, OverflowError):
        return None
