"""Ground: who may break something now. Most faults share it; some want it for themselves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Ground:
    """`active`: how many faults are under way."""

    def __init__(self) -> None:
        self.active = 0
        self._alone = asyncio.Lock()
        self._empty = asyncio.Event()
        self._empty.set()

    @asynccontextmanager
    async def taken(self, *, alone: bool) -> AsyncIterator[None]:
        """Waits for its turn: who wants to be alone waits for the others to leave, and they wait outside then."""
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
