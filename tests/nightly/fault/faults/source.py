"""What comes in: again, unusable, with wrong clocks, under a new masking key."""

import asyncio
import random
from typing import Final

from app.security.masking_keys import new_key
from tests.nightly.fault.faults.outcome import Fault, Outcome
from tests.nightly.fault.harness import World
from tests.support.keys import write_keys

CLOCK_OFF_MAX_MS: Final = 3_500_000
"""A broker refuses what is more than an hour ahead of its own clock."""

KEY_LEARNT_WITHIN_S: Final = 30.0
"""Longer than any worker here sleeps; one that is started later reads the file then."""


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
