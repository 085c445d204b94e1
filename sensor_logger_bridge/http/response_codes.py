"""All codes by which the bridge counts its answers: values of a metric label."""

from typing import Final

from schemas.codes.reject import RejectCode

RESPONSE_CODES: Final = frozenset(
    {
        "ok",
        "broken",
        "broker-away",
        "cloaked",
        "content-encoding",
        "encrypted",
        "foreign-device",
        "media-type",
        "mock",
        "no-room",
        "too-often",
        "too-slow",
        "unknown-token",
        "wrong-clock",
        *(code.value for code in RejectCode if code not in (RejectCode.REFUSED_BY_STORE, RejectCode.UNDELIVERED)),
    }
)
