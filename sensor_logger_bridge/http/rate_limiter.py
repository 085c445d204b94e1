"""Rate: how many requests a device may make. A bucket of tokens that fills at a steady rate."""

from collections import OrderedDict
from typing import Final

PER_S: Final = 10.0
BURST: Final = 50.0
DEVICES_MAX: Final = 100_000
"""So many devices are watched at once; the one unheard of for longest is forgotten first, and starts full again."""


class TokenBucket:
    """One bucket a device. The time is an argument, in seconds of any steady clock."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def try_acquire(self, device_id: str, now_s: float) -> bool:
        """Takes one token, if there is one."""
        tokens, filled_at_s = self._buckets.pop(device_id, (BURST, now_s))
        tokens = min(BURST, tokens + PER_S * (now_s - filled_at_s))
        allowed = tokens >= 1
        self._buckets[device_id] = (tokens - allowed, now_s)
        if len(self._buckets) > DEVICES_MAX:
            self._buckets.popitem(last=False)
        return allowed
