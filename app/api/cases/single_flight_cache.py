"""Cache with single flight: concurrent callers of the same key share one load, and its result is kept for a while."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

TTL_S: Final = 60.0
ENTRIES_MAX: Final = 200


class SingleFlightCache(Generic[T]):
    """Bounded in number and age. A failed load is not kept."""

    def __init__(self) -> None:
        self._entries: OrderedDict[str, tuple[float, asyncio.Future[T]]] = OrderedDict()

    async def get(self, key: str, load: Callable[[], Awaitable[T]]) -> T:
        """Return the cached value, or the result of `load`. Cancelling one caller does not cancel the load."""
        now_s = asyncio.get_running_loop().time()
        until_s, entry = self._entries.get(key, (0.0, None))
        if entry is None or now_s > until_s:
            entry = asyncio.ensure_future(load())
            entry.add_done_callback(_mark_retrieved)
            self._entries[key] = now_s + TTL_S, entry
            self._entries.move_to_end(key)
            while len(self._entries) > ENTRIES_MAX:
                self._entries.popitem(last=False)
        try:
            return await asyncio.shield(entry)
        except Exception:
            if self._entries.get(key, (0.0, None))[1] is entry:
                del self._entries[key]
            raise


def _mark_retrieved(entry: "asyncio.Future[T]") -> None:
    """Retrieve the exception, so that asyncio does not log a failure whose callers are all gone."""
    if not entry.cancelled():
        entry.exception()
