"""Faults: each breaks one thing, mends it, and says how long the service took to be well again."""

import asyncio
import random
import resource
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from app.keys import new_key
from app.provision import changelog_of
from deploy.local.process import Process
from tests.fault.proxy import Proxy, Way
from tests.fault.world import COMPACT_SOON, World, configure
from tests.support.keys import write_keys
from tests.support.service import worker

MENDED_WITHIN_S: Final = 60.0
DRAINED_WITHIN_S: Final = 30.0
STAND_IN_WRITES_WITHIN_S: Final = 2.0
CAUGHT_UP_WITHIN_S: Final = 240.0
CLOCK_OFF_MAX_MS: Final = 3_500_000
"""A broker refuses what is more than an hour ahead of its own clock."""

KEY_LEARNT_WITHIN_S: Final = 30.0
"""Longer than any worker here sleeps; one that is started later reads the file then."""

DETECTOR: Final = ("detector",)
STORES: Final = MappingProxyType({"elasticsearch": "sink-elastic", "mongo": "sink-mongo"})
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a fault came to. `in_flight`: records not yet done when it struck; none: it proves nothing and is void.

    `well_again_s`: until the worker was ready, or all was caught up with; None: that was not waited for.
    `failed`: what did not happen that should have.
    """

    what: str
    in_flight: int
    well_again_s: float | None = None
    failed: str = ""


Fault = Callable[[World, random.Random], Awaitable[Outcome]]


async def kill(world: World, chance: random.Random) -> Outcome:
    """F1: kill -9 of a worker at a random moment."""
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


async def failpoint(world: World, chance: random.Random) -> Outcome:
    """F1: a worker that joins and dies between two steps of a batch."""
    place = chance.choice(FAILPOINTS)
    nth = {"recovering": 2, "resending": 1, "resent": 1, "committing": 3, "committed": 3}.get(place, 20)
    doomed = Process(world.detector(4, GEOVELOCITY_FAILPOINT=f"{place}:{nth}"), world.settings.state_dir)
    return await _doomed(world, doomed, place)


async def sink_failpoint(world: World, chance: random.Random) -> Outcome:
    """F1: a second worker of a sink that dies before or after its store has taken a slice."""
    place, app = chance.choice(SINK_FAILPOINTS), chance.choice(("mongo", "elastic"))
    environment = {"GEOVELOCITY_FAILPOINT": f"{place}:5"}
    doomed = Process(worker(app, world.settings, 5, environment=environment), world.settings.state_dir)
    return await _doomed(world, doomed, f"{place} ({app})")


async def _doomed(world: World, doomed: Process, place: str) -> Outcome:
    in_flight = await world.in_flight()
    doomed.start()
    try:
        code = await asyncio.wait_for(doomed.wait(), 30)
    except TimeoutError:
        await doomed.stop()
        return Outcome(f"{place}: not passed", 0)  # nothing to send again, or no partition: it did not land
    return Outcome(place, in_flight if code == KILLED else 0)


async def terminate(world: World, chance: random.Random) -> Outcome:
    """F2: SIGTERM under load; it must end by itself within 30 seconds, with 0, or 70 at the deadline."""
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


async def zombie(world: World, chance: random.Random) -> Outcome:
    """F3: a detector sleeps past its session and wakes up; the keeper starts it anew."""
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


async def storm(world: World, chance: random.Random) -> Outcome:
    """F10: a third detector joins and leaves, and again."""
    in_flight = await world.in_flight()
    third = Process(world.detector(4), world.settings.state_dir)
    for _ in range(2):
        third.start()
        ready_s = await world.ready_after(third, MENDED_WITHIN_S)
        await asyncio.sleep(chance.uniform(0.0, 2.0))
        await third.stop()
        if ready_s is None:
            return Outcome("a third detector", in_flight, failed="a third detector was not ready")
    return Outcome("a third detector, twice", in_flight)


async def broker_killed(world: World, chance: random.Random, down_s: float | None = None) -> Outcome:
    """F4: the broker is killed and comes back on the same data."""
    down_s = down_s or chance.uniform(3.0, 12.0)
    in_flight = await world.in_flight()
    name = chance.choice(world.brokers.names)
    broker = world.stack.processes[name]
    broker.kill()
    await broker.wait()
    await asyncio.sleep(down_s)
    await world.restart_server(name)
    return await _caught_up(world, DETECTOR, f"down for {down_s:.0f} s", in_flight)


async def rolling(world: World, _chance: random.Random) -> Outcome:
    """F5: every broker of a cluster is stopped and started again, one after the other, three times over."""
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
                return Outcome(name, in_flight, failed=f"not caught up with after {name} was back")
            longest_s = max(longest_s, caught_up_s)
            await asyncio.sleep(5.0)  # so that its replicas are in sync before the next one goes
    return Outcome(f"{len(world.brokers.names)} brokers, three times", in_flight, longest_s)


async def broker_long_gone(world: World, chance: random.Random) -> Outcome:
    """F4: the same, 70 s."""
    return await broker_killed(world, chance, 70.0)


async def broker_silent(world: World, chance: random.Random) -> Outcome:
    """F22: the broker takes connections and answers nothing."""
    silent_s = chance.uniform(5.0, 20.0)
    in_flight = await world.in_flight()
    broker = world.stack.processes[chance.choice(world.brokers.names)]
    broker.signal(signal.SIGSTOP)
    await asyncio.sleep(silent_s)
    broker.signal(signal.SIGCONT)
    return await _caught_up(world, DETECTOR, f"silent for {silent_s:.0f} s", in_flight)


async def broker_disk_full(world: World, _chance: random.Random) -> Outcome:
    """F16: the broker cannot write any more and ends; space is made and it comes back."""
    in_flight = await world.in_flight()
    broker = world.stack.processes[world.brokers.names[0]]
    resource.prlimit(broker.pid, resource.RLIMIT_FSIZE, (64 << 10, resource.RLIM_INFINITY))
    try:
        await asyncio.wait_for(broker.wait(), 60)
        how = "the broker ended"
    except TimeoutError:
        how = "the broker went on without writing and was killed"
        broker.kill()
        await broker.wait()
    await world.restart_server(world.brokers.names[0])
    return await _caught_up(world, DETECTOR, how, in_flight)


async def changelog_refused(world: World, chance: random.Random) -> Outcome:
    """F14: the broker refuses the changelog for want of replicas."""
    refused_s = chance.uniform(5.0, 15.0)
    name = changelog_of(world.settings)
    in_flight = await world.in_flight()
    await configure(world.settings, name, {**COMPACT_SOON, "min.insync.replicas": "2"})
    await asyncio.sleep(refused_s)
    await configure(world.settings, name, COMPACT_SOON)
    return await _caught_up(world, DETECTOR, f"refused for {refused_s:.0f} s", in_flight)


async def store_away(world: World, chance: random.Random, away_s: float | None = None) -> Outcome:
    """F6: a store is killed, or stops answering, and comes back."""
    away_s = away_s or chance.uniform(3.0, 15.0)
    name, killed = chance.choice(("elasticsearch", "mongo")), chance.random() < 0.5
    app = STORES[name]
    if app in world.stores_away:
        return Outcome(name, 0)
    in_flight = await world.in_flight()
    store = world.stack.processes[name]
    world.stores_away.add(app)
    if killed:
        await _kill_store(world, name)
    else:
        store.signal(signal.SIGSTOP)
    await asyncio.sleep(away_s)
    if killed:
        await world.restart_server(name)
        world.to_mongo.way = Way.THROUGH
    else:
        store.signal(signal.SIGCONT)
    how = f"{name} {'killed' if killed else 'silent'} for {away_s:.0f} s"
    outcome = await _caught_up(world, [app], how, in_flight)
    world.stores_away.discard(app)
    return outcome


async def _kill_store(world: World, name: str) -> None:
    """MongoDB has a write on disk when it confirms it; its local stand-in may need a second more, and gets it."""
    if name == "mongo":
        world.to_mongo.way = Way.REFUSED
        await asyncio.sleep(STAND_IN_WRITES_WITHIN_S)
    store = world.stack.processes[name]
    store.kill()
    await store.wait()


async def store_away_for_a_minute(world: World, chance: random.Random) -> Outcome:
    """F6: the same, one minute."""
    return await store_away(world, chance, 60.0)


async def store_away_for_ten_minutes(world: World, chance: random.Random) -> Outcome:
    """F6: the same, ten minutes."""
    return await store_away(world, chance, 600.0)


def way_broken(way: Way) -> Fault:
    """F7, F8, F9, F22: the way to a store breaks, in one of several ways."""

    async def fault(world: World, chance: random.Random) -> Outcome:
        proxy: Proxy = chance.choice((world.to_mongo, world.to_elastic))
        if way in (Way.BUSY_429, Way.BUSY_503):
            proxy = world.to_elastic  # an answer in HTTP
        before, app = proxy.broken, "sink-mongo" if proxy is world.to_mongo else "sink-elastic"
        if app in world.stores_away:
            return Outcome(way.value, 0)
        world.stores_away.add(app)
        proxy.way = way
        await asyncio.sleep(chance.uniform(2.0, 10.0))
        proxy.way = Way.THROUGH
        await world.caught_up(CAUGHT_UP_WITHIN_S, [app])
        world.stores_away.discard(app)
        name = "MongoDB" if proxy is world.to_mongo else "Elasticsearch"
        return Outcome(f"{name}: {way.value}", proxy.broken - before)

    return fault


async def replayed(world: World, _chance: random.Random) -> Outcome:
    """F11: thousands of records once more, in another order."""
    count = await world.traffic.replay()
    return Outcome(f"{count} records", count)


def poisoned(share: float) -> Fault:
    """F12, F13: a share of what comes cannot be used, some of it because of its size."""

    async def fault(world: World, chance: random.Random) -> Outcome:
        before = world.traffic.sent
        world.traffic.poisons.append(share)
        await asyncio.sleep(chance.uniform(3.0, 6.0))
        world.traffic.poisons.remove(share)
        return Outcome(f"{share:.0%} of what comes", round((world.traffic.sent - before) * share))

    return fault


async def clock_off(world: World, chance: random.Random) -> Outcome:
    """F15: those who write to the broker have a clock that is off by up to an hour, either way."""
    before = world.traffic.sent
    world.traffic.clock_off_ms = round(chance.uniform(-CLOCK_OFF_MAX_MS, CLOCK_OFF_MAX_MS))
    await asyncio.sleep(chance.uniform(2.0, 5.0))
    how = f"{world.traffic.clock_off_ms / 60_000:+.0f} min"
    world.traffic.clock_off_ms = 0
    return Outcome(how, world.traffic.sent - before)


async def keys_rotated(world: World, _chance: random.Random) -> Outcome:
    """F23: the masking key is changed, twice; everyone learns to recognise it before it is written with."""
    before, file = world.traffic.sent, world.settings.keys_file
    assert file is not None
    for number in (2, 3):
        keys = file.read_text(encoding="utf-8").split()
        write_keys(file, *keys, added := new_key(f"k{number}"))
        await asyncio.sleep(KEY_LEARNT_WITHIN_S)
        write_keys(file, added, *keys)
        await asyncio.sleep(KEY_LEARNT_WITHIN_S)
    return Outcome("two new keys", world.traffic.sent - before)


async def memory_gone(world: World, chance: random.Random) -> Outcome:
    """F17: a detector gets no more memory."""
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


async def _caught_up(world: World, apps: Sequence[str], how: str, in_flight: int) -> Outcome:
    """The outcome once these apps have done all that lay on their topics when the fault was over."""
    caught_up_s = await world.caught_up(CAUGHT_UP_WITHIN_S, apps)
    failed = "" if caught_up_s is not None else f"not caught up with afterwards: {how}"
    return Outcome(how, in_flight, caught_up_s, failed)


@asynccontextmanager
async def _one(world: World, name: str) -> AsyncIterator[Process | None]:
    """A worker for oneself; None: it is between two lives just now."""
    async with world.held[name]:
        process = world.workers[name]
        yield process if process.alive else None


def _unless_ready(name: str, ready_s: float | None) -> str:
    return "" if ready_s is not None else f"{name} was not ready again within {MENDED_WITHIN_S:.0f} s"


async def _has_begun(process: Process) -> bool:
    """It answers, whatever it says: before that a signal finds no work that could be lost, and nobody to hear it."""
    try:
        await process.command.ready()
    except OSError:
        return False
    return True


async def _gone(process: Process) -> None:
    """Until the killed process answers no more, so that its successor's answer is not taken for its own."""
    for _ in range(100):
        try:
            if not await process.command.ready():
                return
        except OSError:
            return
        await asyncio.sleep(0.02)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault, its number in the findings, and how often it is chosen. `alone`: nothing else at that time.

    `aside`: so long that nothing waits for it.
    """

    name: str
    number: str
    fault: Fault
    weight: int = 1
    alone: bool = False
    aside: bool = False


KILL: Final = Kind("worker killed", "F1", kill)
KINDS: Final = (
    Kind("worker killed between two steps", "F1", failpoint, 8),
    Kind("sink killed between two steps", "F1", sink_failpoint, 3),
    Kind("worker told to stop", "F2", terminate, 8),
    Kind("worker asleep past its session", "F3", zombie, 3),
    Kind("workers come and go", "F10", storm, 2),
    Kind("broker killed", "F4", broker_killed, 2, alone=True),
    Kind("broker silent", "F22", broker_silent, 2, alone=True),
    Kind("changelog refused", "F14", changelog_refused, 2, alone=True),
    Kind("store away", "F6", store_away, 2),
    *(Kind("way to a store broken", "F7-F9", way_broken(way), 4) for way in Way if way is not Way.THROUGH),
    Kind("sent again, in another order", "F11", replayed, 3),
    Kind("poison", "F12", poisoned(0.1), 6),
    Kind("poison", "F12", poisoned(0.6), 6),
    Kind("clock of the writers off", "F15", clock_off, 3),
    Kind("memory gone", "F17", memory_gone, 2),
)
RARE: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "broker-70s": Kind("broker away for 70 s", "F4", broker_long_gone, alone=True),
        "store-60s": Kind("store away for a minute", "F6", store_away_for_a_minute, aside=True),
        "store-600s": Kind("store away for ten minutes", "F6", store_away_for_ten_minutes, aside=True),
        "rolling": Kind("brokers bounced one after the other", "F5", rolling, alone=True),
        "keys": Kind("masking key changed twice", "F23", keys_rotated, aside=True),
        "disk-full": Kind("broker's disk full", "F16", broker_disk_full, alone=True),
    }
)
