"""Retention: a phone's positions are given up after a day, also when it has fallen silent."""

from math import inf
from typing import Final

from agents.batch import Batch
from agents.device import Device, is_device
from agents.rules.history import DAY_S

KEPT_MS: Final = DAY_S * 1000
"""Exact positions are kept for a day at most. Older ones rule nothing out: in that time anyone can be anywhere."""


def give_up_positions(batch: Batch, key: bytes, now_ms: int) -> None:
    """Takes out of a row what is a day older than its newest position, and all of it a day after the last push.

    Which payments were judged stays. `now_ms`: epoch milliseconds by the same clock as the timestamps of records. Both
    limits are told by data, not by our clock, so that old records can be replayed.
    """
    if not is_device(key):
        return
    device = Device(batch, key)
    if device.newest_ms is None:
        return
    silent = device.heard_at_ms <= now_ms - KEPT_MS
    if device.forget_before(inf if silent else device.newest_ms - KEPT_MS):
        device.save()
