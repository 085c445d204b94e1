"""Answer: what became of one attempt to deliver an alert. `detail` is for people, and quotes nobody."""

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

TRY_AGAIN: Final = frozenset({408, 425, 429})
"""What a client is told that need not be so the next time."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """It has arrived."""

    detail: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """It will never be taken."""

    detail: str


@dataclass(frozen=True, slots=True)
class Retryable:
    """It may be taken later. `retry_after_s`: how long the other side wants to be left alone."""

    detail: str
    retry_after_s: float | None = None


DeliveryResult = Delivered | Rejected | Retryable


def result_of_status(status: int, retry_after: str | None, now_s: float) -> DeliveryResult:
    """What a status of HTTP means. Redirections are not followed: where they lead nobody has configured."""
    if 200 <= status < 300:
        return Delivered(str(status))
    if 400 <= status < 500 and status not in TRY_AGAIN:
        return Rejected(f"answered {status}")
    return Retryable(f"answered {status}", parse_retry_after(retry_after, now_s))


def parse_retry_after(header: str | None, now_s: float) -> float | None:
    """Seconds from now, of either form the header has; None: it says nothing that can be understood."""
    text = (header or "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now_s)
    except (ValueError, OverflowError):
        return None
