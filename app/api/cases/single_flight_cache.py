"""Memo: what was costly to find is remembered for a while, and found once when several ask for it together."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

TTL_S: Final = 60.0
ENTRIES_MAX: Final = 200


class SingleFlightCache(Generic[T]):
    """Bounded in number and time. What failed is not remembered."""

    def __init__(self) -> None:
        self._entries: OrderedDict[str, tuple[float, asyncio.Future[T]]] = OrderedDict()

    async def get(self, key: str, load: Callable[[], Awaitable[T]]) -> T:
        """What is remembered, or what `find` gives now. Whoever stops waiting stops nobody else."""
        now_s = asyncio.get_running_loop().time()
        until_s, found = self._entries.get(key, (0.0, None))
        if found is None or now_s > until_s:
            found = asyncio.ensure_future(load())
            found.add_done_callback(_mark_retrieved)
            self._entries[key] = now_s + TTL_S, found
            self._entries.move_to_end(key)
            while len(self._entries) > ENTRIES_MAX:
                self._entries.popitem(last=False)
        try:
            return await asyncio.shield(found)
        except Exception:
            if self._entries.get(key, (0.0, None))[1] is found:
                del self._entries[key]
            raise


def _mark_retrieved(found: "asyncio.Future[T]") -> None:
    """So that nobody is told of a failure which nobody waits for any more."""
    if not found.cancelled():
        found.exception()
