"""Backlog: of the apps that keep what they could not send, and send it late, in batches, until it is taken.

So no fix is too old here. What can never be taken must not be asked for again: it would stand before all that comes
after it. A fix of the future is left out for good: sent again and again, it would look true some day.
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
    """What one message of a backlog is about. `skipped`: items of it that were not to be positions."""

    owner: str
    source: str
    title: str
    received_at_ms: int
    skipped: int = 0


def combine(message: StoredMessage, items: Sequence[Fix | Reject | Unusable]) -> Translation:
    """What becomes of its items. The first thing that is wrong is told; what is right is kept all the same."""
    read = [_check_time(item, message) for item in items]
    fixes = tuple([item for item in read if isinstance(item, Fix)])
    wrong = next((item for item in read if isinstance(item, Unusable)), None)
    if not fixes:
        return wrong or ALREADY_RECEIVED
    # Whatever it is: the app is to be thanked for the rest.
    complaint = None if wrong is None else replace(wrong, status=SHOWN_ON_PHONE)
    push = Push(message.owner, fixes, source=message.source, received_at_ms=message.received_at_ms)
    return Fixes(push, message.skipped + len(read) - len(fixes), complaint)


def _check_time(item: Fix | Reject | Unusable, message: StoredMessage) -> Fix | Unusable:
    if isinstance(item, Reject):
        return BEFORE_2020 if item.code is RejectCode.TOO_OLD else malformed(message.title, item)
    if isinstance(item, Fix) and (ahead_ms := item.at_ms - message.received_at_ms) > AHEAD_MAX_MS:
        return clock_is_wrong(ahead_ms)
    return item
