"""The single-flight cache: concurrent callers share one load, and failures are not kept."""

import asyncio

import pytest

from app.api.cases.single_flight_cache import SingleFlightCache
from app.errors import UnavailableError


async def test_concurrent_callers_share_one_load() -> None:
    cache: SingleFlightCache[int] = SingleFlightCache()
    loads = 0

    async def load() -> int:
        nonlocal loads
        loads += 1
        await asyncio.sleep(0)
        return loads

    assert await asyncio.gather(*[cache.get("a", load) for _ in range(5)]) == [1] * 5
    assert [await cache.get(name, load) for name in ("b", "a")] == [2, 1]


async def test_a_failed_load_is_repeated_and_a_cancelled_caller_stops_no_other() -> None:
    cache: SingleFlightCache[int] = SingleFlightCache()
    answers = iter([None, 7])

    async def load() -> int:
        await asyncio.sleep(0)
        answer = next(answers)
        if answer is None:
            raise UnavailableError("not now")
        return answer

    with pytest.raises(UnavailableError, match="not now"):
        await cache.get("a", load)
    impatient = asyncio.create_task(cache.get("a", load))
    patient = asyncio.create_task(cache.get("a", load))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == 7
