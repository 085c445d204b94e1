"""A phone with Sensor Logger: the request bodies it posts."""

import msgspec

from schemas.push import Fix, Push

INVALID = -1
"""Value that the app writes for an unknown measurement."""


def body(push: Push) -> bytes:
    """Encode a push as the app would, with records of other sensors as in real messages."""
    motion = {"name": "accelerometer", "time": 1_000_000 * push.fixes[-1].at_ms, "values": {"x": 0.01, "y": -0.02}}
    message = {
        "messageId": push.message_id,
        "sessionId": push.session_id,
        "deviceId": push.device_id,
        "payload": [motion, *map(_location, push.fixes)],
    }
    return msgspec.json.encode(message)


def _location(fix: Fix) -> dict[str, object]:
    values = {
        "latitude": fix.latitude,
        "longitude": fix.longitude,
        "speed": _or_invalid(fix.speed_mps),
        "speedAccuracy": _or_invalid(fix.speed_accuracy_mps),
        "bearing": _or_invalid(fix.bearing_deg),
        "bearingAccuracy": _or_invalid(fix.bearing_accuracy_deg),
        "horizontalAccuracy": _or_invalid(fix.horizontal_accuracy_m),
        "verticalAccuracy": _or_invalid(fix.vertical_accuracy_m),
    }
    if fix.altitude_m is not None:
        values["altitude"] = fix.altitude_m  # may be negative, so an unknown one is absent
    return {"name": "location", "time": 1_000_000 * fix.at_ms, "values": values}


def _or_invalid(value: float | None) -> float:
    return INVALID if value is None else value
