"""Deadline: thousands of waits of one length, with one timer for all of them.

`asyncio.timeout` makes a timer for each, which is what the loop spends most of its time on once there are thousands a
second that nearly never run out.
"""

import asyncio
from types import TracebackType
from typing import Final

CHECKS: Final = 20
"""So often within its length a wait is looked at: it may take so much longer."""


class TimeoutWheel:
    """Of waits that may each take `within_s`. In one event loop."""

    def __init__(self, within_s: float) -> None:
        self._within_s = within_s
        self._waits: dict[Timeout, float] = {}  # in the order in which they run out
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._waits)

    def start(self) -> "Timeout":
        """Use it with `async with`, once: it raises TimeoutError as `asyncio.timeout` does."""
        return Timeout(self)

    def add(self, wait: "Timeout") -> None:
        loop = asyncio.get_running_loop()
        self._waits[wait] = loop.time() + self._within_s
        if self._timer is None:
            self._timer = loop.call_later(self._within_s / CHECKS, self._check)

    def drop(self, wait: "Timeout") -> None:
        self._waits.pop(wait, None)

    def _check(self) -> None:
        loop = asyncio.get_running_loop()
        now_s = loop.time()
        while self._waits:
            wait, ends_s = next(iter(self._waits.items()))
            if ends_s > now_s:
                break
            del self._waits[wait]
            wait.run_out()
        self._timer = loop.call_later(self._within_s / CHECKS, self._check) if self._waits else None


class Timeout:
    """One wait."""

    __slots__ = ("_all", "_cancelled_before", "_has_run_out", "_task")

    def __init__(self, deadlines: TimeoutWheel) -> None:
        self._all = deadlines
        self._has_run_out = False
        self._cancelled_before = 0
        self._task: asyncio.Task[object] | None = None

    async def __aenter__(self) -> None:
        self._task = asyncio.current_task()
        self._cancelled_before = 0 if self._task is None else self._task.cancelling()
        self._all.add(self)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._all.drop(self)
        if not self._has_run_out or self._task is None:
            return
        if self._task.uncancel() <= self._cancelled_before and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def run_out(self) -> None:
        self._has_run_out = True
        if self._task is not None:
            self._task.cancel()
