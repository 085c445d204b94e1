"""Timeouts of one length with one timer: they behave like `asyncio.timeout`."""

import asyncio
import time

import pytest

from sensor_logger_bridge.http.timeout_wheel import CHECKS_PER_PERIOD, TimeoutWheel

TIMEOUT_S = 0.1


async def sleep_within(wheel: TimeoutWheel, seconds: float) -> str:
    try:
        async with wheel.start():
            await asyncio.sleep(seconds)
    except TimeoutError:
        return "expired"
    return "done"


async def test_long_tasks_expire_in_time_and_short_ones_finish() -> None:
    wheel = TimeoutWheel(TIMEOUT_S)
    began_s = time.monotonic()
    ended = await asyncio.gather(*[sleep_within(wheel, seconds) for seconds in (0.0, 60.0, TIMEOUT_S / 4, 60.0)])
    assert ended == ["done", "expired", "done", "expired"]
    assert TIMEOUT_S <= time.monotonic() - began_s < 20 * TIMEOUT_S
    assert len(wheel) == 0


async def test_each_timeout_has_its_own_start() -> None:
    wheel = TimeoutWheel(TIMEOUT_S)
    first = asyncio.create_task(sleep_within(wheel, 60.0))
    await asyncio.sleep(0.7 * TIMEOUT_S)
    second = asyncio.create_task(sleep_within(wheel, 60.0))
    assert await first == "expired"
    assert not second.done()
    assert await second == "expired"


async def test_a_task_that_is_cancelled_from_outside_stays_cancelled() -> None:
    wheel = TimeoutWheel(TIMEOUT_S)
    task = asyncio.create_task(sleep_within(wheel, 60.0))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(wheel) == 0


async def test_an_error_inside_a_timeout_is_raised() -> None:
    wheel = TimeoutWheel(TIMEOUT_S)
    with pytest.raises(ZeroDivisionError):
        async with wheel.start():
            raise ZeroDivisionError


async def test_a_task_continues_after_its_timeout_has_expired() -> None:
    wheel = TimeoutWheel(TIMEOUT_S)
    assert await sleep_within(wheel, 60.0) == "expired"
    await asyncio.sleep(2 * TIMEOUT_S / CHECKS_PER_PERIOD)
    assert await sleep_within(wheel, 0.0) == "done"


async def test_no_timer_runs_without_pending_timeouts() -> None:
    wheel = TimeoutWheel(TIMEOUT_S)
    await sleep_within(wheel, 0.0)
    await asyncio.sleep(2 * TIMEOUT_S / CHECKS_PER_PERIOD)
    assert wheel._timer is None
