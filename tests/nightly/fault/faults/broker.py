"""Faults of brokers: killed, silent, refusing, out of disk."""

import asyncio
import random
import resource
import signal
from typing import Final

from app.provisioning.topics import changelog_of
from tests.nightly.fault.faults.outcome import CAUGHT_UP_WITHIN_S, Outcome, caught_up
from tests.nightly.fault.harness import COMPACT_SOON, Harness, configure

DETECTOR: Final = ("detector",)


async def broker_killed(world: Harness, chance: random.Random, down_s: float | None = None) -> Outcome:
    """F4: kill the broker and start it again on the same data."""
    down_s = down_s or chance.uniform(3.0, 12.0)
    in_flight = await world.in_flight()
    name = chance.choice(world.brokers.names)
    broker = world.stack.processes[name]
    broker.kill()
    await broker.wait()
    await asyncio.sleep(down_s)
    await world.restart_server(name)
    return await caught_up(world, DETECTOR, f"down for {down_s:.0f} s", in_flight)


async def rolling(world: Harness, _chance: random.Random) -> Outcome:
    """F5: restart every broker of a cluster, one after the other, three times."""
    in_flight = await world.in_flight()
    longest_s = 0.0
    for _ in range(3):
        for name in world.brokers.names:
            broker = world.stack.processes[name]
            broker.signal(signal.SIGTERM)
            await broker.wait()
            await world.restart_server(name)
            caught_up_s = await world.caught_up(CAUGHT_UP_WITHIN_S, DETECTOR)
            if caught_up_s is None:
                return Outcome(name, in_flight, failed=f"not caught up after {name} was back")
            longest_s = max(longest_s, caught_up_s)
            await asyncio.sleep(5.0)  # its replicas are in sync before the next one stops
    return Outcome(f"{len(world.brokers.names)} brokers, three times", in_flight, longest_s)


async def broker_long_gone(world: Harness, chance: random.Random) -> Outcome:
    """F4: keep the broker down for 70 s."""
    return await broker_killed(world, chance, 70.0)


async def broker_silent(world: Harness, chance: random.Random) -> Outcome:
    """F22: let the broker accept connections and answer nothing."""
    silent_s = chance.uniform(5.0, 20.0)
    in_flight = await world.in_flight()
    broker = world.stack.processes[chance.choice(world.brokers.names)]
    broker.signal(signal.SIGSTOP)
    await asyncio.sleep(silent_s)
    broker.signal(signal.SIGCONT)
    return await caught_up(world, DETECTOR, f"silent for {silent_s:.0f} s", in_flight)


async def broker_disk_full(world: Harness, _chance: random.Random) -> Outcome:
    """F16: fill the broker's disk until it ends, free the disk and start it again."""
    in_flight = await world.in_flight()
    broker = world.stack.processes[world.brokers.names[0]]
    resource.prlimit(broker.pid, resource.RLIMIT_FSIZE, (64 << 10, resource.RLIM_INFINITY))
    try:
        await asyncio.wait_for(broker.wait(), 60)
        how = "the broker ended"
    except TimeoutError:
        how = "the broker kept running without writing and was killed"
        broker.kill()
        await broker.wait()
    await world.restart_server(world.brokers.names[0])
    return await caught_up(world, DETECTOR, how, in_flight)


async def changelog_refused(world: Harness, chance: random.Random) -> Outcome:
    """F14: let the broker refuse the changelog for lack of replicas."""
    refused_s = chance.uniform(5.0, 15.0)
    name = changelog_of(world.settings)
    in_flight = await world.in_flight()
    await configure(world.settings, name, {**COMPACT_SOON, "min.insync.replicas": "2"})
    await asyncio.sleep(refused_s)
    await configure(world.settings, name, COMPACT_SOON)
    return await caught_up(world, DETECTOR, f"refused for {refused_s:.0f} s", in_flight)
