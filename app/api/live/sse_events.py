"""Event: the bytes of what pages are told, made once for all of them. Pure.

Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html. No value has a line break in it.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from app.api.live.case_cache import CachedCase
from app.api.live.statistics import HighValue, StatisticsSnapshot

KEEPALIVE: Final = b": alive\n\n"
RETRY_PREAMBLE: Final = b"retry: 1000\n\n"
"""How long a browser waits, in milliseconds, before it comes again."""


class Welcome(msgspec.Struct, frozen=True):
    """The first that a page hears."""

    high_value: HighValue
    keeps: int


class DeviceErased(msgspec.Struct, frozen=True):
    """Devices of which a page drops all cases."""

    device_tokens: tuple[str, ...]


def welcome(cursor: str, high_value: HighValue, keeps: int) -> bytes:
    return _event("hello", cursor, msgspec.json.encode(Welcome(high_value, keeps)))


def snapshot(cursor: str, cases: Iterable[CachedCase]) -> bytes:
    """Replaces what the page has."""
    return _event("snapshot", cursor, b'{"cases":[' + b",".join(case.json for case in cases) + b"]}")


def cases(cursor: str, changed: Iterable[CachedCase], left_out: int) -> bytes:
    body = b'{"cases":[' + b",".join(case.json for case in changed) + b'],"left_out":%d}' % left_out
    return _event("cases", cursor, body)


def cases_removed(cursor: str, device_tokens: tuple[str, ...]) -> bytes:
    return _event("gone", cursor, msgspec.json.encode(DeviceErased(device_tokens)))


def pulse(cursor: str, reading: StatisticsSnapshot) -> bytes:
    return _event("pulse", cursor, msgspec.json.encode(reading))


def _event(name: str, cursor: str, data: bytes) -> bytes:
    return b"id: %s\nevent: %s\ndata: %s\n\n" % (cursor.encode(), name.encode(), data)
