"""Lease: how long this process may believe that its partitions are its own.

A worker that slept past its session (SIGSTOP, a long pause) has lost its partitions without knowing it. It must not
write: the new owner's rows would be overwritten. So writing waits until a heartbeat sent a short while ago was
accepted. A lease, not a proof: a request held up in the network for longer than the rest of the session still lands.
"""

import asyncio
from time import monotonic
from typing import Final

SHARE_OF_SESSION: Final = 0.7
POLL_S: Final = 0.02


class Lease:
    """Renewed by heartbeats and assignments, in the consumer's thread; read before each write."""

    def __init__(self, session_timeout_s: float) -> None:
        self._good_for_s = session_timeout_s * SHARE_OF_SESSION
        self._renewed_at = 0.0

    def renew(self, sent_at: float) -> None:
        """The coordinator has accepted what was sent at `sent_at` (monotonic seconds)."""
        self._renewed_at = sent_at

    @property
    def valid(self) -> bool:
        return self.age_s <= self._good_for_s

    @property
    def age_s(self) -> float:
        """How long ago the coordinator was last heard of."""
        return monotonic() - self._renewed_at

    async def wait(self) -> bool:
        """Returns when the group is sure to know this process. True: that took a while."""
        waited = False
        while not self.valid:
            waited = True
            await asyncio.sleep(POLL_S)
        return waited
