"""The small job: a rule with the last fix only, as the documentation of a stream engine shows a join."""

from typing import NamedTuple

import msgspec
from haversine import Unit, haversine

MARGIN_MPS = 1.0


class Fix(msgspec.Struct):
    """One position."""

    at_ms: int
    latitude: float
    longitude: float
    speed_mps: float


class Push(msgspec.Struct):
    """A position push."""

    device_id: str
    fixes: list[Fix]


class Payment(msgspec.Struct):
    """A payment."""

    transaction_id: str
    device_id: str
    timestamp: float
    latitude: float
    longitude: float


class LastFix(NamedTuple):
    """The last fix of a device, as its state."""

    at_ms: int
    latitude: float
    longitude: float
    speed_mps: float


parse_push = msgspec.json.Decoder(Push).decode
parse_payment = msgspec.json.Decoder(Payment).decode
_encode = msgspec.json.Encoder().encode


def state_of(push: Push) -> LastFix:
    fix = push.fixes[-1]
    return LastFix(fix.at_ms, fix.latitude, fix.longitude, fix.speed_mps)


def verdict(payment: Payment, last: LastFix | None) -> bytes:
    """Return a verdict that compares distance over time with the last reported speed."""
    suspect = False
    if last is not None:
        away_m = haversine((last.latitude, last.longitude), (payment.latitude, payment.longitude), unit=Unit.METERS)
        suspect = away_m > (last.speed_mps + MARGIN_MPS) * abs(payment.timestamp - last.at_ms / 1000)
    return _encode({"id": payment.transaction_id, "suspect": suspect})
