"""One example record for each topic, as on the wire. The reference page of topics shows them; a test validates them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

_PAYMENT: Final[Mapping[str, Any]] = {
    "transaction_id": "tx-1",
    "user_id": "u-7",
    "device_id": "phone-1",
    "name": "Pat Doe",
    "timestamp": "2026-11-21T12:00:00.000Z",
    "amount": "481.84",
    "currency": "USD",
    "card_number": "4556737586899855",
    "merchant_id": "m9",
    "merchant": "Corner Shop",
    "merchant_category": "grocery",
    "latitude": 40.7,
    "longitude": -74.0,
    "transaction_type": "purchase",
    "transaction_device": "pos",
}

_PUSH: Final[Mapping[str, Any]] = {
    "device_id": "phone-1",
    "session_id": "s1",
    "message_id": 7,
    "source": "overland",
    "fixes": [
        {"at_ms": 1795262340000, "latitude": 40.0, "longitude": -75.0, "speed_mps": 0.4, "horizontal_accuracy_m": 5.0},
        {
            "at_ms": 1795262520000,
            "latitude": 40.0003,
            "longitude": -75.0,
            "speed_mps": 0.6,
            "horizontal_accuracy_m": 5.0,
        },
    ],
    "received_at_ms": 1795262521000,
}

_VERDICT: Final[Mapping[str, Any]] = {
    "id": "transaction_demo_YYGRFNOPYGFKCFF7ERLM64BRCMR3DMUH3J7HI27SK5FMKR7O46PQ",
    "transaction_id": "tx-1",
    "timestamp": "2026-11-21T12:00:00.000Z",
    "amount": "481.84",
    "currency": "USD",
    "merchant_id": "m9",
    "merchant": "Corner Shop",
    "merchant_category": "grocery",
    "transaction_type": "purchase",
    "transaction_device": "pos",
    "place": {"lat": 40.7, "lon": -74.0},
    "card_token": "card_demo_C66OGENJKMFD357TBHUQCALVSS6WDVLFNQGR3GJO64FJC4VJS4BQ",
    "card_last4": "9855",
    "user_token": "user_demo_SDCFWGUGIVX3E5UQQKGPTIUQY2W5KMMRT62552FEZRP2FHQLHPAQ",
    "device_token": "device_demo_YAMVFAQB4BP7B6AIJNNOF4UWKF6FQ2R4QXNP6EP533PWLRIRKGNA",
    "verdict": "suspect",
    "status": "final",
    "revision": 1,
    "codes": ["UNREACHABLE_BEFORE", "UNREACHABLE_AFTER"],
    "reason": "The phone was 115 km from the place 60 s before the payment; the holder could have covered at "
    "most 10.3 km in that time, clock error included.",
    "rule": {
        "name": "card-against-phone",
        "version": "2",
        "preset": "default",
        "parameters": {
            "sigmas": 3.0,
            "place_uncertainty_m": 90.0,
            "unknown_accuracy_m": 40.0,
            "clock_uncertainty_s": 30.0,
            "speed_margin_mps": 1.0,
            "unknown_speed_mps": 83.0,
            "speed_unmeasured_from_m": 100.0,
            "gain_mps2": 2.5,
            "top_speed_mps": 278.0,
            "vague_from_m": 2000.0,
        },
        "parameter_set": "1-82660e56",
    },
    "distance_m": 115062.62,
    "least_distance_m": 114972.48,
    "elapsed_s": 60.0,
    "implied_speed_mps": 1916.208,
    "reported_speed_mps": 0.4,
    "allowed_speed_mps": 170.85,
    "fix_before": {
        "at": "2026-11-21T11:59:00.000Z",
        "horizontal_accuracy_m": 5.0,
        "speed_mps": 0.4,
        "latitude": 40.0,
        "longitude": -75.0,
    },
    "fix_after": {
        "at": "2026-11-21T12:02:00.000Z",
        "horizontal_accuracy_m": 5.0,
        "speed_mps": 0.6,
        "latitude": 40.0,
        "longitude": -75.0,
    },
    "other_payment": None,
    "risk": 79,
    "risk_parts": {"contradiction": 46, "evidence": 20, "amount": 13, "repetition": 0},
    "episode_id": "episode-058e24dc39f33d61",
    "episode_number": 1,
    "episode_severity": 79,
}

_FEEDBACK: Final[Mapping[str, Any]] = {
    "id": "transaction_demo_YYGRFNOPYGFKCFF7ERLM64BRCMR3DMUH3J7HI27SK5FMKR7O46PQ",
    "transaction_id": "tx-1",
    "timestamp": "2026-11-21T12:00:00.000Z",
    "device_token": "device_demo_YAMVFAQB4BP7B6AIJNNOF4UWKF6FQ2R4QXNP6EP533PWLRIRKGNA",
    "verdict": "fraud",
    "note": "The cardholder confirms: not their payment.",
    "analyst": "pat",
    "given_at": "2026-11-21T13:00:00.000Z",
    "revision": 1,
}

EXAMPLES: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "transactions": _PAYMENT,
        "locations": _PUSH,
        "verdicts": _VERDICT,
        "dead_letters": {
            "topic": "transactions",
            "partition": 3,
            "offset": 812,
            "code": "range",
            "fields": ["latitude"],
            "payload_hash": "payload_demo_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "payload_bytes": 417,
        },
        "erasures": {"device_id": "phone-1"},
        "feedback": _FEEDBACK,
        "erased": {
            "device_tokens": ["device_demo_YAMVFAQB4BP7B6AIJNNOF4UWKF6FQ2R4QXNP6EP533PWLRIRKGNA"],
            "request": 3,
            "forgotten_at": "2026-11-21T14:00:00.000Z",
            "rows": 7,
            "open_payments": 1,
        },
    }
)
"""By attribute in `schemas.topics.Topics`. Suspects are verdicts, and ticks are empty.

`erased` announces an erasure on the topics that hold documents.
"""
