"""Lock for faults: most share it, some need it exclusively."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class FaultLock:
    """Shared or exclusive lock. `active`: number of running faults."""

    def __init__(self) -> None:
        self.active = 0
        self._alone = asyncio.Lock()
        self._empty = asyncio.Event()
        self._empty.set()

    @asynccontextmanager
    async def taken(self, *, alone: bool) -> AsyncIterator[None]:
        """Acquire the lock. An exclusive fault waits for the running ones and holds back new ones."""
        async with self._alone:
            if alone:
                await self._empty.wait()
            self._enter()
            if alone:
                try:
                    yield
                finally:
                    self._leave()
                return
        try:
            yield
        finally:
            self._leave()

    def _enter(self) -> None:
        self.active += 1
        self._empty.clear()

    def _leave(self) -> None:
        self.active -= 1
        if self.active == 0:
            self._empty.set()
