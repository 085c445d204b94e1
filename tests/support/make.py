"""Sample records with defaults: a test names only the fields that it is about."""

import json
from typing import Any

from schemas.feedback import Disposition, Feedback
from schemas.verdict import MerchantLocation, Outcome, Rule, Status, Verdict

CARD = "4556737586899855"
NOON_MS = 1_795_262_400_000  # 2026-11-21T12:00:00Z
HOME = (40.0, -75.0)


def verdict(number: int = 1, **changes: Any) -> Verdict:
    """Return a clear verdict on payment `number`."""
    fields: dict[str, Any] = {
        "id": f"transaction_k1_{number:04}",
        "transaction_id": f"tx-{number}",
        "timestamp": "2026-11-21T12:00:00.000Z",
        "amount": "481.84",
        "currency": "USD",
        "merchant_id": "m9",
        "merchant": "Corner Shop",
        "merchant_category": "grocery",
        "transaction_type": "purchase",
        "transaction_device": "pos",
        "place": MerchantLocation(*HOME),
        "card_token": "card_k1_A",
        "card_last4": "9855",
        "user_token": "user_k1_A",
        "device_token": "device_k1_A",
        "verdict": Outcome.CLEAR,
        "status": Status.PROVISIONAL,
        "revision": 1,
        "codes": ("REACHABLE",),
        "reason": "The phone was 10 m from the place 1 s before the payment; the holder could have been there.",
        "rule": Rule(
            name="card-against-phone",
            version="1",
            preset="default",
            parameters={"sigmas": 3.0},
            parameter_set="1-0123abcd",
        ),
        "distance_m": 10.0,
        "least_distance_m": 0.0,
        "elapsed_s": 1.0,
        "implied_speed_mps": 0.0,
        "reported_speed_mps": 0.5,
        "allowed_speed_mps": 1200.0,
        "fix_before": None,
        "fix_after": None,
        "other_payment": None,
        "risk": 0,
        "risk_parts": None,
        "episode_id": None,
        "episode_number": None,
        "episode_severity": None,
    }
    return Verdict(**fields | changes)


def feedback(number: int = 1, **changes: Any) -> Feedback:
    """Return the feedback of an analyst on payment `number`, given an hour after noon."""
    of = verdict(number)
    fields: dict[str, Any] = {
        "id": of.id,
        "transaction_id": of.transaction_id,
        "timestamp": of.timestamp,
        "device_token": of.device_token,
        "verdict": Disposition.FRAUD,
        "note": "The holder was called: it was not her.",
        "analyst": "pat",
        "given_at": "2026-11-21T13:00:00.000Z",
        "revision": 1,
    }
    return Feedback(**fields | changes)


def payment(number: int | str = 1, **changes: Any) -> dict[str, Any]:
    """Return a payment at home at noon, as on the topic. A change to `...` removes the field."""
    fields: dict[str, Any] = {
        "transaction_id": f"tx-{number}",
        "user_id": "u-7",
        "device_id": "phone-1",
        "name": "Pat Doe",
        "timestamp": "2026-11-21T12:00:00.000Z",
        "amount": "481.84",
        "currency": "USD",
        "card_number": CARD,
        "merchant_id": "m9",
        "merchant": "Corner Shop",
        "merchant_category": "grocery",
        "latitude": HOME[0],
        "longitude": HOME[1],
        "transaction_type": "purchase",
        "transaction_device": "pos",
    }
    return {name: value for name, value in (fields | changes).items() if value is not ...}


def push(*fixes: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a push of one phone. Without `fixes` it has one fix, at home at noon."""
    fields: dict[str, Any] = {
        "device_id": "phone-1",
        "session_id": "s1",
        "message_id": 1,
        "source": "sensor-logger",
        "fixes": list(fixes) or [fix()],
    }
    return {name: value for name, value in (fields | changes).items() if value is not ...}


def fix(seconds: float = 0.0, **changes: Any) -> dict[str, Any]:
    """Return a fix of a phone at rest at home, `seconds` after noon, with an accuracy of five metres."""
    fields: dict[str, Any] = {
        "at_ms": NOON_MS + round(seconds * 1000),
        "latitude": HOME[0],
        "longitude": HOME[1],
        "speed_mps": 0.0,
        "horizontal_accuracy_m": 5.0,
    }
    return {name: value for name, value in (fields | changes).items() if value is not ...}


def as_bytes(record: dict[str, Any]) -> bytes:
    return json.dumps(record).encode()
