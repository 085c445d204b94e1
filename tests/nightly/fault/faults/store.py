"""Faults of stores: down, slow, busy, or storing without a reply."""

import asyncio
import random
import signal
from types import MappingProxyType
from typing import Final

from tests.nightly.fault.faults.outcome import CAUGHT_UP_WITHIN_S, Fault, Outcome, caught_up
from tests.nightly.fault.harness import Harness
from tests.nightly.fault.proxy import Proxy, ProxyMode

STAND_IN_WRITES_WITHIN_S: Final = 2.0
STORES: Final = MappingProxyType({"elasticsearch": "sink-elastic", "mongo": "sink-mongo"})


async def store_away(world: Harness, chance: random.Random, away_s: float | None = None) -> Outcome:
    """F6: kill a store or stop it from answering, then bring it back."""
    away_s = away_s or chance.uniform(3.0, 15.0)
    name, killed = chance.choice(("elasticsearch", "mongo")), chance.random() < 0.5
    app = STORES[name]
    if app in world.stores_away:
        return Outcome(name, 0)
    world.stores_away.add(app)
    try:
        in_flight = await world.in_flight()
        how = f"{name} {'killed' if killed else 'silent'} for {away_s:.0f} s"
        await _take_away(world, name, away_s, killed=killed)
        return await caught_up(world, [app], how, in_flight)
    finally:
        world.stores_away.discard(app)


async def _take_away(world: Harness, name: str, away_s: float, *, killed: bool) -> None:
    store = world.stack.processes[name]
    if killed:
        await _kill_store(world, name)
    else:
        store.signal(signal.SIGSTOP)
    await asyncio.sleep(away_s)
    if killed:
        await world.restart_server(name)
        world.to_mongo.way = ProxyMode.THROUGH
    else:
        store.signal(signal.SIGCONT)


async def _kill_store(world: Harness, name: str) -> None:
    """Give the local MongoDB stand-in a second to write to disk; MongoDB itself confirms durable writes."""
    if name == "mongo":
        world.to_mongo.way = ProxyMode.REFUSED
        await asyncio.sleep(STAND_IN_WRITES_WITHIN_S)
    store = world.stack.processes[name]
    store.kill()
    await store.wait()


async def store_away_for_a_minute(world: Harness, chance: random.Random) -> Outcome:
    """F6: keep a store down for one minute."""
    return await store_away(world, chance, 60.0)


async def store_away_for_ten_minutes(world: Harness, chance: random.Random) -> Outcome:
    """F6: keep a store down for ten minutes."""
    return await store_away(world, chance, 600.0)


def way_broken(way: ProxyMode) -> Fault:
    """F7, F8, F9, F22: break the connection to a store in one of several ways."""

    async def fault(world: Harness, chance: random.Random) -> Outcome:
        proxy: Proxy = chance.choice((world.to_mongo, world.to_elastic))
        if way in (ProxyMode.BUSY_429, ProxyMode.BUSY_503):
            proxy = world.to_elastic  # the reply is HTTP
        before, app = proxy.broken, "sink-mongo" if proxy is world.to_mongo else "sink-elastic"
        if app in world.stores_away:
            return Outcome(way.value, 0)
        world.stores_away.add(app)
        proxy.way = way
        await asyncio.sleep(chance.uniform(2.0, 10.0))
        proxy.way = ProxyMode.THROUGH
        await world.caught_up(CAUGHT_UP_WITHIN_S, [app])
        world.stores_away.discard(app)
        name = "MongoDB" if proxy is world.to_mongo else "Elasticsearch"
        return Outcome(f"{name}: {way.value}", proxy.broken - before)

    return fault
