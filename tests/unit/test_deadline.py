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


async def test_what_takes_too_long_runs_out_in_time_and_the_rest_is_done() -> None:
    deadlines = TimeoutWheel(WITHIN_S)
    began_s = time.monotonic()
    ended = await asyncio.gather(*[sleeps(deadlines, seconds) for seconds in (0.0, 60.0, WITHIN_S / 4, 60.0)])
    assert ended == ["done", "ran out", "done", "ran out"]
    assert WITHIN_S <= time.monotonic() - began_s < 20 * WITHIN_S
    assert len(deadlines) == 0


async def test_each_has_its_own_time() -> None:
    deadlines = TimeoutWheel(WITHIN_S)
    first = asyncio.create_task(sleeps(deadlines, 60.0))
    await asyncio.sleep(0.7 * WITHIN_S)
    second = asyncio.create_task(sleeps(deadlines, 60.0))
    assert await first == "ran out"
    assert not second.done()
    assert await second == "ran out"


async def test_whoever_is_cancelled_from_outside_stays_cancelled() -> None:
    deadlines = TimeoutWheel(WITHIN_S)
    task = asyncio.create_task(sleeps(deadlines, 60.0))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(deadlines) == 0


async def test_an_error_within_is_passed_on() -> None:
    deadlines = TimeoutWheel(WITHIN_S)
    with pytest.raises(ZeroDivisionError):
        async with deadlines.start():
            raise ZeroDivisionError


async def test_a_task_goes_on_after_its_wait_ran_out() -> None:
    deadlines = TimeoutWheel(WITHIN_S)
    assert await sleeps(deadlines, 60.0) == "ran out"
    await asyncio.sleep(2 * WITHIN_S / CHECKS_PER_PERIOD)
    assert await sleeps(deadlines, 0.0) == "done"


async def test_where_nobody_waits_no_timer_runs() -> None:
    deadlines = TimeoutWheel(WITHIN_S)
    await sleeps(deadlines, 0.0)
    await asyncio.sleep(2 * WITHIN_S / CHECKS_PER_PERIOD)
    assert deadlines._timer is None
