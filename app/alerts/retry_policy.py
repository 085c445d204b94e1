"""The retry policy of alerts: exponential backoff with jitter, limited in attempts and in time."""

from dataclasses import dataclass
from typing import Final

INITIAL_DELAY_S: Final = 1.0
MAX_DELAY_S: Final = 300.0
"""Longest backoff. A receiver that recovers gets its alerts within five minutes."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Limits of the retries of one alert. The first limit that is reached ends them."""

    attempts_max: int
    give_up_s: float

    def delay_s(self, attempts: int, elapsed_s: float, retry_after_s: float | None, jitter: float) -> float | None:
        """Return the delay before the next attempt. None: the limits allow no further attempt.

        `attempts`: attempts so far, 1 or more. `elapsed_s`: time since the first one. `retry_after_s`: minimum delay
        that the receiver asked for. `jitter`: random number from 0 to 1.

        The backoff doubles with each attempt. The delay lies between half of it and all of it, so that alerts which
        failed together do not return together.
        """
        backoff_s = min(MAX_DELAY_S, INITIAL_DELAY_S * 2 ** min(attempts - 1, 16))
        delay_s = max(backoff_s * (1 + jitter) / 2, retry_after_s or 0.0)
        return delay_s if attempts < self.attempts_max and elapsed_s + delay_s <= self.give_up_s else None
