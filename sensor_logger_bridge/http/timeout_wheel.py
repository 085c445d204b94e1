"""Deadline: thousands of waits of one length, with one timer for all of them.

`asyncio.timeout` makes a timer for each, which is what the loop spends most of its time on once there are thousands a
second that nearly never run out.
"""

import asyncio
from types import TracebackType
from typing import Final

CHECKS_PER_PERIOD: Final = 20
"""So often within its length a wait is looked at: it may take so much longer."""


class TimeoutWheel:
    """Of waits that may each take `within_s`. In one event loop."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._pending: dict[Timeout, float] = {}  # in the order in which they run out
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._pending)

    def start(self) -> "Timeout":
        """Use it with `async with`, once: it raises TimeoutError as `asyncio.timeout` does."""
        return Timeout(self)

    def add(self, timeout: "Timeout") -> None:
        loop = asyncio.get_running_loop()
        self._pending[timeout] = loop.time() + self._timeout_s
        if self._timer is None:
            self._timer = loop.call_later(self._timeout_s / CHECKS_PER_PERIOD, self._check)

    def discard(self, timeout: "Timeout") -> None:
        self._pending.pop(timeout, None)

    def _check(self) -> None:
        loop = asyncio.get_running_loop()
        now_s = loop.time()
        while self._pending:
            wait, ends_s = next(iter(self._pending.items()))
            if ends_s > now_s:
                break
            del self._pending[wait]
            wait.expire()
        self._timer = loop.call_later(self._timeout_s / CHECKS_PER_PERIOD, self._check) if self._pending else None


class Timeout:
    """One wait."""

    __slots__ = ("_cancelled_before", "_is_expired", "_task", "_wheel")

    def __init__(self, wheel: TimeoutWheel) -> None:
        self._wheel = wheel
        self._is_expired = False
        self._cancelled_before = 0
        self._task: asyncio.Task[object] | None = None

    async def __aenter__(self) -> None:
        self._task = asyncio.current_task()
        self._cancelled_before = 0 if self._task is None else self._task.cancelling()
        self._wheel.add(self)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wheel.discard(self)
        if not self._is_expired or self._task is None:
            return
        if self._task.uncancel() <= self._cancelled_before and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def expire(self) -> None:
        self._is_expired = True
        if self._task is not None:
            self._task.cancel()
