"""Lease: how long a process may assume that it still owns its partitions.

A process that pauses for longer than its session (SIGSTOP, a suspended machine) loses its partitions without notice. It
must not write, because it would overwrite the rows of the new owner. So a write waits until the group coordinator has
accepted a recent heartbeat. This is a lease and no proof: a request that the network delays for longer than the rest of
the session still arrives.
"""

import asyncio
from time import monotonic
from typing import Final

SHARE_OF_SESSION: Final = 0.7
"""Length of the lease as a share of the session timeout. The rest is time for a write on its way to the broker."""

POLL_S: Final = 0.02


class Lease:
    """Lease of a worker on its partitions. Heartbeats and assignments renew it in the consumer's thread."""

    def __init__(self, session_timeout_s: float) -> None:
        self._length_s = session_timeout_s * SHARE_OF_SESSION
        self._renewed_at = 0.0

    def renew(self, sent_at: float) -> None:
        """Note that the coordinator has accepted a request that was sent at `sent_at` (monotonic seconds)."""
        self._renewed_at = sent_at

    @property
    def valid(self) -> bool:
        """Whether the worker may write."""
        return self.age_s <= self._length_s

    @property
    def age_s(self) -> float:
        """Seconds since the last request that the coordinator has accepted."""
        return monotonic() - self._renewed_at

    async def wait(self) -> bool:
        """Wait until the lease is valid. Return whether that took any time."""
        waited = False
        while not self.valid:
            waited = True
            await asyncio.sleep(POLL_S)
        return waited
