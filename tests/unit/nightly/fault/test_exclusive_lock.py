"""The lock of faults: most share it, some need it exclusively."""

import asyncio

from tests.nightly.fault.exclusive_lock import FaultLock
from tests.support.tasks import run_other_tasks


async def test_an_exclusive_fault_waits_for_running_ones_and_holds_back_new_ones() -> None:
    lock, order = FaultLock(), list[str]()
    may_end = asyncio.Event()

    async def fault(name: str, *, alone: bool) -> None:
        async with lock.taken(alone=alone):
            order.append(f"{name} starts as one of {lock.active}")
            await may_end.wait()
            await run_other_tasks()
        order.append(f"{name} ends")

    tasks = [asyncio.create_task(fault("a", alone=False)), asyncio.create_task(fault("b", alone=False))]
    await run_other_tasks()
    tasks += [asyncio.create_task(fault("c", alone=True)), asyncio.create_task(fault("d", alone=False))]
    await run_other_tasks()
    assert order == ["a starts as one of 1", "b starts as one of 2"]
    may_end.set()
    await asyncio.gather(*tasks)
    assert order[2:] == ["a ends", "b ends", "c starts as one of 1", "c ends", "d starts as one of 1", "d ends"]
