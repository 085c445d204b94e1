"""Faults of input: repeated, unusable, with wrong clocks, under a new masking key."""

import asyncio
import random
from typing import Final

from app.security.masking_keys import new_key
from tests.nightly.fault.faults.outcome import Fault, Outcome
from tests.nightly.fault.harness import Harness
from tests.support.keys import write_keys

CLOCK_OFF_MAX_MS: Final = 3_500_000
"""Maximum clock error: a broker refuses records more than an hour ahead of its clock."""

KEY_LEARNT_WITHIN_S: Final = 30.0
"""Seconds for every worker to reload the keys; one that starts later reads the file then."""


async def replayed(world: Harness, _chance: random.Random) -> Outcome:
    """F11: send thousands of records again in another order."""
    count = await world.traffic.replay()
    return Outcome(f"{count} records", count)


def poisoned(share: float) -> Fault:
    """F12, F13: make a share of the input unusable, some of it by its size."""

    async def fault(world: Harness, chance: random.Random) -> Outcome:
        before = world.traffic.sent
        world.traffic.poisons.append(share)
        await asyncio.sleep(chance.uniform(3.0, 6.0))
        world.traffic.poisons.remove(share)
        return Outcome(f"{share:.0%} of the input", round((world.traffic.sent - before) * share))

    return fault


async def clock_off(world: Harness, chance: random.Random) -> Outcome:
    """F15: shift the producers' clock by up to an hour either way."""
    before = world.traffic.sent
    world.traffic.clock_off_ms = round(chance.uniform(-CLOCK_OFF_MAX_MS, CLOCK_OFF_MAX_MS))
    await asyncio.sleep(chance.uniform(2.0, 5.0))
    how = f"{world.traffic.clock_off_ms / 60_000:+.0f} min"
    world.traffic.clock_off_ms = 0
    return Outcome(how, world.traffic.sent - before)


async def keys_rotated(world: Harness, _chance: random.Random) -> Outcome:
    """F23: rotate the masking key twice; every process recognises a key before one writes with it."""
    before, file = world.traffic.sent, world.settings.keys_file
    assert file is not None
    for number in (2, 3):
        keys = file.read_text(encoding="utf-8").split()
        write_keys(file, *keys, added := new_key(f"k{number}"))
        await asyncio.sleep(KEY_LEARNT_WITHIN_S)
        write_keys(file, added, *keys)
        await asyncio.sleep(KEY_LEARNT_WITHIN_S)
    return Outcome("two new keys", world.traffic.sent - before)
