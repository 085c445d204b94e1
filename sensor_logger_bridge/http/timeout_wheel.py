"""Timeouts of one length that share one timer.

`asyncio.timeout` creates a timer for each. With thousands of timeouts a second, nearly all of which never expire, the
event loop spends most of its time on those timers.
"""

import asyncio
from types import TracebackType
from typing import Final

CHECKS_PER_PERIOD: Final = 20
"""Checks per timeout period. A timeout may expire up to one twentieth of its length late."""


class TimeoutWheel:
    """Timeouts of `timeout_s` seconds each, for one event loop."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._pending: dict[Timeout, float] = {}  # in the order of expiry
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._pending)

    def start(self) -> "Timeout":
        """Return a timeout for one `async with`. It raises TimeoutError, like `asyncio.timeout`."""
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
            timeout, ends_s = next(iter(self._pending.items()))
            if ends_s > now_s:
                break
            del self._pending[timeout]
            timeout.expire()
        self._timer = loop.call_later(self._timeout_s / CHECKS_PER_PERIOD, self._check) if self._pending else None


class Timeout:
    """One timeout, an asynchronous context manager."""

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
