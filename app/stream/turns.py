"""Turns: what waits to be folded into the rows of one partition, a turn for each topic.

A slice that goes on where the waiting one ends joins it. So the busier a worker is, the fewer and larger are its
batches, each of which costs about as much as thirty records.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from faust.types import TP

from agents.batch import Batch
from app.stream.slices import Slice

Fold = Callable[[Batch], None]
"""An agent's work on a batch. Total: bad records are values; an exception ends the process."""


@dataclass(slots=True)
class Turn:
    """Records of one source and what is done with them. `begun`: no further ones join."""

    given: Slice
    fold: Fold
    tells_time: bool
    begun: asyncio.Event = field(default_factory=asyncio.Event)


class Turns:
    """Of one partition, first come first served."""

    def __init__(self) -> None:
        self._waiting: dict[TP, Turn] = {}

    async def add(self, turn: Turn) -> None:
        """Returns when the records are among those that wait: at once, or when those of their source that do begin."""
        source = turn.given.source
        while waiting := self._waiting.get(source):
            joined = waiting.given.joined_by(turn.given)
            if joined is not None:
                waiting.given = joined
                return
            await waiting.begun.wait()
        self._waiting[source] = turn

    def begin(self) -> Turn | None:
        """The next turn, which waits no more; None: nobody waits."""
        source = next(iter(self._waiting), None)
        if source is None:
            return None
        turn = self._waiting.pop(source)
        turn.begun.set()
        return turn
