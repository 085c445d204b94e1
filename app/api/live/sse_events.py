"""Encoding of the events as server-sent events. Each event is encoded once for all pages. Pure.

Format: https://html.spec.whatwg.org/multipage/server-sent-events.html. No value contains a line break.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from app.api.live.case_cache import CachedCase
from app.api.live.statistics import HighValue, StatisticsSnapshot
from app.api.messages import CasesEvent, SnapshotEvent
from app.observability.console_metrics import EventType

KEEPALIVE: Final = b": alive\n\n"
RETRY_PREAMBLE: Final = b"retry: 1000\n\n"
"""Milliseconds that a browser waits before it reconnects."""


class Welcome(msgspec.Struct, frozen=True):
    """First event of a connection. `keeps`: number of cases that the server holds."""

    high_value: HighValue
    keeps: int


class DeviceErased(msgspec.Struct, frozen=True):
    """Erased devices. The page drops all their cases."""

    device_tokens: tuple[str, ...]


BODIES: Final[Mapping[EventType, type[msgspec.Struct]]] = MappingProxyType(
    {
        EventType.HELLO: Welcome,
        EventType.SNAPSHOT: SnapshotEvent,
        EventType.CASES: CasesEvent,
        EventType.GONE: DeviceErased,
        EventType.PULSE: StatisticsSnapshot,
    }
)
"""Body of each event by its name."""


def welcome(token: str, high_value: HighValue, capacity: int) -> bytes:
    """Return the first event of a connection."""
    return _event(EventType.HELLO, token, msgspec.json.encode(Welcome(high_value, capacity)))


def snapshot(token: str, cases: Iterable[CachedCase]) -> bytes:
    """Return an event that replaces all cases of a page."""
    return _event(EventType.SNAPSHOT, token, b'{"cases":[' + b",".join(case.json for case in cases) + b"]}")


def cases(token: str, changed: Iterable[CachedCase], dropped: int) -> bytes:
    """Return an event with new and changed cases."""
    body = b'{"cases":[' + b",".join(case.json for case in changed) + b'],"left_out":%d}' % dropped
    return _event(EventType.CASES, token, body)


def cases_removed(token: str, device_tokens: tuple[str, ...]) -> bytes:
    """Return an event that removes the cases of erased devices."""
    return _event(EventType.GONE, token, msgspec.json.encode(DeviceErased(device_tokens)))


def pulse(token: str, statistics: StatisticsSnapshot) -> bytes:
    """Return an event with the statistics."""
    return _event(EventType.PULSE, token, msgspec.json.encode(statistics))


def _event(name: EventType, token: str, data: bytes) -> bytes:
    return b"id: %s\nevent: %s\ndata: %s\n\n" % (token.encode(), name.encode(), data)
