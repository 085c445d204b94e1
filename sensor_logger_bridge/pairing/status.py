"""The phone's last message as JSON for the pairing page."""

from typing import Any

from sensor_logger_bridge.devices.last_seen import LastReport


def status(device_id: str, last: LastReport | None, now_ms: int) -> dict[str, Any]:
    """Return the answer to the page's status request. Pure; it contains no position.

    Ages are in seconds and never negative, because a phone's clock may be ahead. `heard` is None until the bridge has
    received a message of the phone since its start.
    """
    if last is None:
        return {"device": device_id, "heard": None}
    heard = {
        "app": last.app,
        "heard_age_s": _age_s(last.received_at_ms, now_ms),
        "fix_age_s": None if last.at_ms is None else _age_s(last.at_ms, now_ms),
        "accuracy_m": last.accuracy_m,
        "complaint": None if last.problem is None else last.problem.text,
    }
    return {"device": device_id, "heard": heard}


def _age_s(at_ms: int, now_ms: int) -> float:
    return round(max(0, now_ms - at_ms) / 1000, 1)
