"""Watchdog: ends a worker that stays between two assignments.

Faust takes a broker that does not answer for a minute and a half during recovery for its own end: the task that would
go on is gone, heartbeats are not, and the worker would hold its partitions for ever without reading them.
"""

from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from mode import Service

from app.stream.safety.fail_stop import fail_stop

if TYPE_CHECKING:
    from app.stream.worker import StreamApp

STUCK_S: Final = 120.0
"""Longer than a batch may take to be delivered, which holds up a rebalance, and than any request to a broker."""

POLL_S: Final = 1.0


class Stall:
    """Since when nothing has moved. Times are seconds of any steady clock."""

    def __init__(self) -> None:
        self._since_s: float | None = None
        self._progress = 0

    def lasts_s(self, now_s: float, progress: int, *, busy: bool) -> float:
        """For how long it has been busy with the same progress."""
        if not busy or self._since_s is None or progress != self._progress:
            self._since_s, self._progress = now_s if busy else None, progress
        return 0.0 if self._since_s is None else now_s - self._since_s


class Watchdog(Service):
    """Looks every second, as long as the app runs."""

    def __init__(self, app: "StreamApp") -> None:
        self._app = app
        super().__init__()

    @Service.task
    async def _watch(self) -> None:
        stall = Stall()
        while not self.should_stop:
            await self.sleep(POLL_S)
            if stall.lasts_s(monotonic(), self._recovered, busy=self._app.rebalancing) > STUCK_S:
                fail_stop(f"no partitions or no rows for {STUCK_S:.0f} s, and nothing moves")

    @property
    def _recovered(self) -> int:
        """Changelog offsets read so far, over all partitions."""
        tables: Any = self._app.tables
        return sum(offset or 0 for offset in tables.recovery.active_offsets.values())
