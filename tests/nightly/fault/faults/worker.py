"""Faults of workers: killed, stopped, suspended, joining and leaving, out of memory."""

import asyncio
import random
import resource
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Final

from deploy.local.process import LocalProcess
from tests.nightly.fault.faults.outcome import Outcome
from tests.nightly.fault.harness import Harness
from tests.support.service import worker

MENDED_WITHIN_S: Final = 60.0
DRAINED_WITHIN_S: Final = 30.0
SINKS: Final = MappingProxyType({"elastic-3": "sink-elastic", "mongo-2": "sink-mongo"})
FAILPOINTS: Final = (
    "begun",
    "folded",
    "rows-durable",
    "outputs-durable",
    "reached",
    "resending",
    "resent",
    "recovering",
    "committing",
    "committed",
)
SINK_FAILPOINTS: Final = ("delivering", "delivered")
KILLED: Final = 137


async def kill(world: Harness, chance: random.Random) -> Outcome:
    """F1: kill -9 a worker at a random moment."""
    name = chance.choices(("detector-0", "detector-1", "mongo-2", "elastic-3", "bridge"), (5, 5, 2, 2, 1))[0]
    await asyncio.sleep(chance.uniform(0.0, 1.5))
    async with _one(world, name) as process:
        if process is None:
            return Outcome(name, 0)
        in_flight = await world.in_flight()
        process.kill()
        await _gone(process)
        ready_s = await world.ready_after(process, MENDED_WITHIN_S)
    if SINKS.get(name) in world.stores_away:
        return Outcome(name, in_flight)  # it is ready when its store is
    return Outcome(name, in_flight, ready_s, _unless_ready(name, ready_s))


async def failpoint(world: Harness, chance: random.Random) -> Outcome:
    """F1: start a worker that dies between two steps of a batch."""
    place = chance.choice(FAILPOINTS)
    nth = {"recovering": 2, "resending": 1, "resent": 1, "committing": 3, "committed": 3}.get(place, 20)
    doomed = LocalProcess(world.detector(4, GEOVELOCITY_FAILPOINT=f"{place}:{nth}"), world.settings.state_dir)
    return await _doomed(world, doomed, place)


async def sink_failpoint(world: Harness, chance: random.Random) -> Outcome:
    """F1: start a second sink worker that dies before or after its store accepted a batch."""
    place, app = chance.choice(SINK_FAILPOINTS), chance.choice(("mongo", "elastic"))
    environment = {"GEOVELOCITY_FAILPOINT": f"{place}:5"}
    doomed = LocalProcess(worker(app, world.settings, 5, environment=environment), world.settings.state_dir)
    return await _doomed(world, doomed, f"{place} ({app})")


async def _doomed(world: Harness, doomed: LocalProcess, place: str) -> Outcome:
    in_flight = await world.in_flight()
    doomed.start()
    try:
        code = await asyncio.wait_for(doomed.wait(), 30)
    except TimeoutError:
        await doomed.stop()
        return Outcome(f"{place}: not passed", 0)  # nothing to resend, or no partition: it did not land
    return Outcome(place, in_flight if code == KILLED else 0)


async def terminate(world: Harness, chance: random.Random) -> Outcome:
    """F2: send SIGTERM under load; the worker must end within 30 seconds, with 0, or 70 at the timeout."""
    name = chance.choice(("detector-0", "detector-1", "mongo-2", "elastic-3", "bridge"))
    async with _one(world, name) as process:
        if process is None or not await _has_begun(process):
            return Outcome(name, 0)
        in_flight = await world.in_flight()
        began_s = time.monotonic()
        process.signal(signal.SIGTERM)
        await _gone(process)
        while process.alive and time.monotonic() - began_s < 32:
            await asyncio.sleep(0.05)
        took_s = time.monotonic() - began_s
        await process.stop()
        code = await process.wait()
        process.start()
        ready_s = await world.ready_after(process, MENDED_WITHIN_S)
    failed = _unless_ready(name, ready_s)
    if took_s > DRAINED_WITHIN_S or code not in (0, 70):
        failed = f"{name} ended with {code} after {took_s:.0f} s"
    return Outcome(f"{name}, drained in {took_s:.0f} s", in_flight, ready_s, failed)


async def zombie(world: Harness, chance: random.Random) -> Outcome:
    """F3: suspend a detector past its session timeout; the supervisor restarts it."""
    name = chance.choice(("detector-0", "detector-1"))
    async with _one(world, name) as process:
        if process is None:
            return Outcome(name, 0)
        in_flight = await world.in_flight()
        process.signal(signal.SIGSTOP)
        await asyncio.sleep(chance.uniform(7.0, 14.0))
        process.signal(signal.SIGCONT)
        ready_s = await world.ready_after(process, MENDED_WITHIN_S)
    return Outcome(name, in_flight, ready_s, _unless_ready(name, ready_s))


async def storm(world: Harness, chance: random.Random) -> Outcome:
    """F10: let a third detector join and leave, twice."""
    in_flight = await world.in_flight()
    third = LocalProcess(world.detector(4), world.settings.state_dir)
    for _ in range(2):
        third.start()
        ready_s = await world.ready_after(third, MENDED_WITHIN_S)
        await asyncio.sleep(chance.uniform(0.0, 2.0))
        await third.stop()
        if ready_s is None:
            return Outcome("a third detector", in_flight, failed="a third detector was not ready")
    return Outcome("a third detector, twice", in_flight)


async def memory_gone(world: Harness, chance: random.Random) -> Outcome:
    """F17: give a detector no more memory."""
    name = chance.choice(("detector-0", "detector-1"))
    async with _one(world, name) as process:
        if process is None:
            return Outcome(name, 0)
        in_flight = await world.in_flight()
        pid = process.pid
        resource.prlimit(pid, resource.RLIMIT_AS, (64 << 20, resource.RLIM_INFINITY))
        await asyncio.sleep(chance.uniform(3.0, 6.0))
        if process.alive and process.pid == pid:
            resource.prlimit(pid, resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        ready_s = await world.ready_after(process, MENDED_WITHIN_S)
    return Outcome(name, in_flight, ready_s, _unless_ready(name, ready_s))


@asynccontextmanager
async def _one(world: Harness, name: str) -> AsyncIterator[LocalProcess | None]:
    """Reserve a worker; None if it is being restarted."""
    async with world.held[name]:
        process = world.workers[name]
        yield process if process.alive else None


def _unless_ready(name: str, ready_s: float | None) -> str:
    return "" if ready_s is not None else f"{name} was not ready again within {MENDED_WITHIN_S:.0f} s"


async def _has_begun(process: LocalProcess) -> bool:
    """Wait until the worker answers at all: before that a signal cannot lose work."""
    try:
        await process.command.ready()
    except OSError:
        return False
    return True


async def _gone(process: LocalProcess) -> None:
    """Wait until the killed process no longer answers, so that its successor's answer is not confused with it."""
    for _ in range(100):
        try:
            if not await process.command.ready():
                return
        except OSError:
            return
        await asyncio.sleep(0.02)
