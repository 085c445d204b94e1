"""Retention: what is given up of a phone, and when, also when it has fallen silent."""

from math import inf
from typing import Final

from agents.batch import Batch
from agents.device import Device, device_of
from agents.rules.history import DAY_S

POSITIONS_KEPT_MS: Final = 20 * 3_600_000
"""At the speed of an airliner anyone can be anywhere by then, so older positions rule nothing out. With the hours until
a row's turn comes and the changelog is compacted it stays below the day that exact positions may be kept.
"""

JUDGED_KEPT_MS: Final = 7 * DAY_S * 1000
"""A payment that is sent twice is sent again within minutes, or when someone replays the week that `init` keeps."""


def give_up(batch: Batch, key: bytes, now_ms: int) -> None:
    """Takes out positions so much older than the newest one, and all of them so long after the last push.

    Which payments were judged is given up a week after the last one. `now_ms`: epoch milliseconds by the same clock as
    the timestamps of records. All limits are told by data, not by our clock, so that old records can be replayed.
    """
    owner = device_of(key)
    if owner is None:
        return
    device = Device(batch, owner)
    if device.newest_ms is not None:
        silent = device.heard_at_ms <= now_ms - POSITIONS_KEPT_MS
        device.forget_positions(inf if silent else device.newest_ms - POSITIONS_KEPT_MS)
    device.forget_judged(now_ms - JUDGED_KEPT_MS)
