"""A limit on the rate of a device's requests: a token bucket, which refills at a constant rate."""

from collections import OrderedDict
from typing import Final

PER_S: Final = 10.0
"""Sustained requests a second of one device."""

BURST: Final = 50.0
"""Capacity of a bucket: requests that a device may send at once."""

DEVICES_MAX: Final = 100_000
"""Limit of buckets. When full, the device with the oldest request is dropped; its next bucket starts full."""


class TokenBucket:
    """One bucket for each device. Times are seconds of any monotonic clock."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def try_acquire(self, device_id: str, now_s: float) -> bool:
        """Take a token from the device's bucket. Return False if it is empty."""
        tokens, filled_at_s = self._buckets.pop(device_id, (BURST, now_s))
        tokens = min(BURST, tokens + PER_S * (now_s - filled_at_s))
        allowed = tokens >= 1
        self._buckets[device_id] = (tokens - allowed, now_s)
        if len(self._buckets) > DEVICES_MAX:
            self._buckets.popitem(last=False)
        return allowed
