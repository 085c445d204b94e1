"""Poison: unusable records, as broken or hostile systems send them."""

import json
import random
from collections.abc import Callable
from typing import Any, Final

from tests.support.make import as_bytes, fix, payment, push

Record = tuple[str | None, bytes | None]
"""Key and value of a record."""

_DEEP: Final = b"[" * 2000


def bad_payment(device: str, number: int, card: str, chance: random.Random) -> Record:
    """Return an unusable payment with card numbers where quoting them would leak them."""
    make = chance.choice(_PAYMENTS)
    return make(device, payment(f"bad-{number}", device_id=device, card_number=card))


def bad_push(device: str, number: int, chance: random.Random) -> Record:
    """Return an unusable push."""
    make = chance.choice(_PUSHES)
    return make(device, push(fix(), device_id=device, message_id=number))


def _with(**changes: Any) -> Callable[[str, dict[str, Any]], Record]:
    return lambda device, good: (device, as_bytes(good | changes))


def _as(value: Callable[[dict[str, Any]], bytes | None]) -> Callable[[str, dict[str, Any]], Record]:
    return lambda device, good: (device, value(good))


def _spoiled_text(good: dict[str, Any]) -> bytes:
    return as_bytes(good)[:-7]


def _not_a_number(good: dict[str, Any]) -> bytes:
    return json.dumps(good | {"latitude": float("nan")}).encode()


def _twice(good: dict[str, Any]) -> bytes:
    return as_bytes(good)[:-1] + b', "amount": "1.00"}'


_PAYMENTS: Final = (
    _with(latitude=91.0),
    _with(longitude=True),
    _with(amount="1e3"),
    _with(amount=-5),
    _with(currency="usd"),
    _with(timestamp="2026-02-30T12:00:00Z"),
    _with(timestamp="2026-11-21T12:00:00"),
    _with(card_number="4111"),
    _with(cvv="913"),
    _with(track2=";4556737586899855=2512"),
    _with(device_id="someone/else"),
    lambda _device, good: ("another-phone", as_bytes(good)),
    lambda _device, good: (None, as_bytes(good)),
    _as(_spoiled_text),
    _as(_not_a_number),
    _as(_twice),
    _as(lambda _good: None),
    _as(lambda _good: b""),
    _as(lambda _good: b"\x00\x00\x00\x00\x07avro"),
    _as(lambda _good: _DEEP),
    _as(lambda good: as_bytes(good).decode().encode("utf-16")),
    _as(lambda good: as_bytes(good | {"merchant": "m" * 900_000})),
)
_PUSHES: Final = (
    _with(fixes=[]),
    _with(fixes=[{"at_ms": 5, "latitude": 0, "longitude": 0}]),
    _with(fixes=[fix(latitude=-90.5)]),
    _with(fixes=[fix(latitude="40.0")]),
    _with(message_id=-1),
    lambda _device, good: ("another-phone", as_bytes(good)),
    lambda _device, good: (None, as_bytes(good)),
    _as(_spoiled_text),
    _as(lambda _good: None),
    _as(lambda _good: b"null"),
    _as(lambda _good: _DEEP),
    _as(lambda good: as_bytes(good | {"fixes": [fix()] * 1001})),
)
