"""How Elasticsearch indexes documents. `strict`: a field that is not named here is refused, not guessed at."""

from typing import Any, Final

from schemas.verdict import RiskParts

_KEYWORD: Final = {"type": "keyword", "ignore_above": 256}
_NUMBER: Final = {"type": "double"}
_FIX: Final = {
    "dynamic": "strict",
    "properties": {
        "at": {"type": "date"},
        "horizontal_accuracy_m": _NUMBER,
        "speed_mps": _NUMBER,
        "latitude": _NUMBER,
        "longitude": _NUMBER,
    },
}

VERDICT: Final[dict[str, Any]] = {
    "dynamic": "strict",
    "properties": {
        "transaction_id": _KEYWORD,
        "timestamp": {"type": "date"},
        "amount": _NUMBER,  # the exact decimal stays in the source
        "currency": _KEYWORD,
        "merchant_id": _KEYWORD,
        "merchant": _KEYWORD,
        "merchant_category": _KEYWORD,
        "transaction_type": _KEYWORD,
        "transaction_device": _KEYWORD,
        "place": {"type": "geo_point"},
        "card_token": _KEYWORD,
        "card_last4": _KEYWORD,
        "user_token": _KEYWORD,
        "device_token": _KEYWORD,
        "verdict": _KEYWORD,
        "status": _KEYWORD,
        "revision": {"type": "integer"},
        "codes": _KEYWORD,
        "reason": {"type": "text"},
        "rule": {
            "dynamic": "strict",
            "properties": {
                "name": _KEYWORD,
                "version": _KEYWORD,
                "preset": _KEYWORD,
                "parameters": {"type": "object", "enabled": False},
            },
        },
        "distance_m": _NUMBER,
        "least_distance_m": _NUMBER,
        "elapsed_s": _NUMBER,
        "implied_speed_mps": _NUMBER,
        "reported_speed_mps": _NUMBER,
        "allowed_speed_mps": _NUMBER,
        "fix_before": _FIX,
        "fix_after": _FIX,
        "other_payment": {
            "dynamic": "strict",
            "properties": {
                "timestamp": {"type": "date"},
                "place": {"type": "geo_point"},
                "distance_m": _NUMBER,
                "least_distance_m": _NUMBER,
                "elapsed_s": _NUMBER,
                "reach_m": _NUMBER,
            },
        },
        "risk": {"type": "integer"},
        "risk_parts": {
            "dynamic": "strict",
            "properties": {name: {"type": "integer"} for name in RiskParts.__struct_fields__},
        },
        "episode_id": _KEYWORD,
        "episode_number": {"type": "integer"},
        "episode_severity": {"type": "integer"},
    },
}

FEEDBACK: Final[dict[str, Any]] = {
    "dynamic": "strict",
    "properties": {
        "transaction_id": _KEYWORD,
        "timestamp": {"type": "date"},
        "device_token": _KEYWORD,
        "verdict": _KEYWORD,
        "note": {"type": "text"},
        "analyst": _KEYWORD,
        "given_at": {"type": "date"},
        "revision": {"type": "integer"},
    },
}
