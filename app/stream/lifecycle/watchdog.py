"""Watchdog of a worker that hangs between two assignments.

During recovery Faust treats a broker that does not answer for a minute and a half as its own shutdown. It ends the task
that would continue, but not the heartbeats. Without the watchdog the worker would then hold its partitions forever
without reading them.
"""

from collections.abc import Callable
from time import monotonic
from typing import Any, Final

from mode import Service

from app.stream.safety.fail_stop import fail_stop
from app.stream.worker_state import WorkerState

STALL_TIMEOUT_S: Final = 120.0
"""Longer than the delivery of a batch, which holds up a rebalance, and longer than any request to a broker."""

POLL_S: Final = 1.0


class Stall:
    """Time since the last progress. Times are seconds of any steady clock."""

    def __init__(self) -> None:
        self._since_s: float | None = None
        self._progress = 0

    def lasts_s(self, now_s: float, progress: int, *, busy: bool) -> float:
        """Return how long the worker has been busy without a change of `progress`, in seconds."""
        if not busy or self._since_s is None or progress != self._progress:
            self._since_s, self._progress = now_s if busy else None, progress
        return 0.0 if self._since_s is None else now_s - self._since_s


class Watchdog(Service):
    """Background service that ends the process when a rebalance makes no progress.

    `recovered`: returns how many changelog offsets have been read, as `recovered_offsets` does.
    """

    def __init__(self, state: WorkerState, recovered: Callable[[], int]) -> None:
        self._state = state
        self._recovered = recovered
        super().__init__()

    @Service.task
    async def _watch(self) -> None:
        stall = Stall()
        while not self.should_stop:
            await self.sleep(POLL_S)
            if stall.lasts_s(monotonic(), self._recovered(), busy=self._state.rebalancing) > STALL_TIMEOUT_S:
                fail_stop(f"the rebalance has made no progress for {STALL_TIMEOUT_S:.0f} s")


def recovered_offsets(tables: Any) -> int:
    """Return the sum of the changelog offsets that recovery has read, over all partitions of Faust's tables."""
    return sum(offset or 0 for offset in tables.recovery.active_offsets.values())
