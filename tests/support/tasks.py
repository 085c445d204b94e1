"""Turns of the event loop in place of sleeps."""

import asyncio
from typing import Final

TURNS: Final = 100
"""More turns than any chain of tasks in a test needs."""


async def run_other_tasks() -> None:
    """Let every other task run until it waits for a timer, for a socket or for this task."""
    for _ in range(TURNS):
        await asyncio.sleep(0)
