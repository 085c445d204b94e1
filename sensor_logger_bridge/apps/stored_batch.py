"""Batches of store-and-forward apps, which queue unsent fixes and send them late until the bridge accepts them.

So no fix is too old here. A fix that can never be accepted must not be requested again, because it would block all
later ones. A fix with a future time is dropped for good: if the app repeated it, it would look valid one day.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from schemas.codes.reject import Reject, RejectCode
from schemas.push import Fix, Push
from sensor_logger_bridge.apps.clock_skew import AHEAD_MAX_MS, BEFORE_2020, clock_is_wrong
from sensor_logger_bridge.translation import (
    SHOWN_ON_PHONE,
    Fixes,
    NoPosition,
    Translation,
    Unusable,
    malformed,
)

ALREADY_RECEIVED: Final = NoPosition("No position in this message.")


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """The facts of one message besides its fixes. `skipped`: number of its items that are no positions."""

    owner: str
    source: str
    title: str
    received_at_ms: int
    skipped: int = 0


def combine(message: StoredMessage, items: Sequence[Fix | Reject | Unusable]) -> Translation:
    """Return one translation for all items: the valid fixes, and the first problem among the others."""
    read = [_check_time(item, message) for item in items]
    fixes = tuple([item for item in read if isinstance(item, Fix)])
    first_problem = next((item for item in read if isinstance(item, Unusable)), None)
    if not fixes:
        return first_problem or ALREADY_RECEIVED
    # With this status the app gets its success response for the valid fixes.
    problem = None if first_problem is None else replace(first_problem, status=SHOWN_ON_PHONE)
    push = Push(message.owner, fixes, source=message.source, received_at_ms=message.received_at_ms)
    return Fixes(push, message.skipped + len(read) - len(fixes), problem)


def _check_time(item: Fix | Reject | Unusable, message: StoredMessage) -> Fix | Unusable:
    if isinstance(item, Reject):
        return BEFORE_2020 if item.code is RejectCode.TOO_OLD else malformed(message.title, item)
    if isinstance(item, Fix) and (ahead_ms := item.at_ms - message.received_at_ms) > AHEAD_MAX_MS:
        return clock_is_wrong(ahead_ms)
    return item
