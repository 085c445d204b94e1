"""Memo: what was costly to find is remembered for a while, and found once when several ask for it together."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

KEPT_S: Final = 60.0
KEPT_MAX: Final = 200


class SingleFlightCache(Generic[T]):
    """Bounded in number and time. What failed is not remembered."""

    def __init__(self) -> None:
        self._found: OrderedDict[str, tuple[float, asyncio.Future[T]]] = OrderedDict()

    async def get(self, name: str, find: Callable[[], Awaitable[T]]) -> T:
        """What is remembered, or what `find` gives now. Whoever stops waiting stops nobody else."""
        now_s = asyncio.get_running_loop().time()
        until_s, found = self._found.get(name, (0.0, None))
        if found is None or now_s > until_s:
            found = asyncio.ensure_future(find())
            found.add_done_callback(_look)
            self._found[name] = now_s + KEPT_S, found
            self._found.move_to_end(name)
            while len(self._found) > KEPT_MAX:
                self._found.popitem(last=False)
        try:
            return await asyncio.shield(found)
        except Exception:
            if self._found.get(name, (0.0, None))[1] is found:
                del self._found[name]
            raise


def _look(found: "asyncio.Future[T]") -> None:
    """So that nobody is told of a failure which nobody waits for any more."""
    if not found.cancelled():
        found.exception()
