"""Waits of one length with one timer: they end as `asyncio.timeout` would end them."""

import asyncio
import time

import pytest

from sensor_logger_bridge.http.timeout_wheel import CHECKS_PER_PERIOD, TimeoutWheel

WITHIN_S = 0.1


async def sleeps(deadlines: TimeoutWheel, seconds: float) -> str:
    try:
        async with deadlines.start():
            await asyncio.sleep(seconds)
    except TimeoutError:
        return "ran out"
    return "done"


async def test_long_tasks_expire_in_time_and_short_ones_finish() -> None:
    deadlines = TimeoutWheel(WITHIN_S)
    began_s = time.monotonic()
    ended = await asyncio.gather(*[sleeps(deadlines, seconds) for seconds in (0.0, 60.0, WITHIN_S / 4, 60.0)])
    assert ended == ["done", "ran out", "done", "ran out"]
    assert WITHIN_S <= time.monotonic() - began_s < 20 * WITHIN_S
    assert len(deadlines) == 0


async def test_each_timeout_has_its_own_start() -> None:
    deadlines = TimeoutWheel(WITHIN_S)
    first = asyncio.create_task(sleeps(deadlines, 60.0))
    await asyncio.sleep(0.7 * WITHIN_S)
    second = asyncio.create_task(sleeps(deadlines, 60.0))
    assert await first == "ran out"
    assert not second.done()
    assert await second == "ran out"


async def test_a_task_that_is_cancelled_from_outside_stays_cancelled() -> None:
    deadlines = TimeoutWheel(WITHIN_S)
    task = asyncio.create_task(sleeps(deadlines, 60.0))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(deadlines) == 0


async def test_an_error_inside_a_timeout_is_raised() -> None:
    deadlines = TimeoutWheel(WITHIN_S)
    with pytest.raises(ZeroDivisionError):
        async with deadlines.start():
            raise ZeroDivisionError


async def test_a_task_continues_after_its_timeout_has_expired() -> None:
    deadlines = TimeoutWheel(WITHIN_S)
    assert await sleeps(deadlines, 60.0) == "ran out"
    await asyncio.sleep(2 * WITHIN_S / CHECKS_PER_PERIOD)
    assert await sleeps(deadlines, 0.0) == "done"


async def test_no_timer_runs_without_pending_timeouts() -> None:
    deadlines = TimeoutWheel(WITHIN_S)
    await sleeps(deadlines, 0.0)
    await asyncio.sleep(2 * WITHIN_S / CHECKS_PER_PERIOD)
    assert deadlines._timer is None
