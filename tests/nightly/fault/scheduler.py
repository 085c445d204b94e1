"""Scheduler: runs several faults at once against a loaded system."""

import asyncio
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from aiokafka.errors import KafkaError

from deploy.local.stack import Say
from tests.nightly.fault.exclusive_lock import FaultLock
from tests.nightly.fault.faults.kinds import KILL, KINDS, RARE, Kind
from tests.nightly.fault.faults.outcome import Outcome
from tests.nightly.fault.harness import Harness


@dataclass(frozen=True, slots=True)
class Plan:
    """Minimum length, kills, faults and records of a campaign.

    `rare`: faults of `RARE` that run once.
    """

    minutes: float
    kills: int
    faults: int
    records: int
    brokers: int
    rare: tuple[str, ...]


KILLS_ALONE: Final = 5
"""Kills at the start, one after the other, to measure recovery without other faults."""

VOID_PAUSE_S: Final = 5.0
LANES: Final = 3
"""Number of concurrent killers, and of concurrent other faults."""


@dataclass(frozen=True, slots=True)
class LandedFault:
    """A fault that landed. `beside`: other faults were running."""

    kind: Kind
    at_s: float
    outcome: Outcome
    beside: bool


@dataclass(slots=True)
class Campaign:
    """A campaign. `void`: faults that hit nothing in flight and were repeated, by kind."""

    world: Harness
    chance: random.Random
    say: Say
    struck: list[LandedFault] = field(default_factory=list)
    void: dict[str, int] = field(default_factory=dict)
    _ground: FaultLock = field(default_factory=FaultLock)

    async def run(self, plan: Plan) -> None:
        """Run until the plan is fulfilled and every fault is over."""
        for _ in range(KILLS_ALONE):
            await self._strike(KILL)
        end_s = time.monotonic() + 60 * plan.minutes

        def wanted(of: Kind) -> bool:
            done = len([one for one in self.struck if of is not KILL or one.kind is KILL])
            too_few = done < (plan.kills if of is KILL else plan.faults) or self.world.traffic.sent < plan.records
            return time.monotonic() < end_s or too_few

        async with asyncio.TaskGroup() as group:
            for _ in range(LANES):
                group.create_task(self._lane(lambda: KILL, lambda: wanted(KILL)))
                group.create_task(self._lane(self._any, lambda: wanted(KINDS[0])))
            group.create_task(self._once([RARE[name] for name in plan.rare]))
            group.create_task(self._tell(end_s))

    def _any(self) -> Kind:
        return self.chance.choices(KINDS, [kind.weight for kind in KINDS])[0]

    async def _lane(self, pick: Callable[[], Kind], wanted: Callable[[], bool]) -> None:
        while wanted():
            await self._strike(pick())
            await asyncio.sleep(self.chance.uniform(0.2, 1.5))

    async def _once(self, kinds: Iterable[Kind]) -> None:
        await asyncio.gather(*[self._until_landed(kind) for kind in kinds])

    async def _until_landed(self, kind: Kind) -> None:
        while not await self._strike(kind):
            self.say(f"{kind.name}: did not land, repeating")
            await asyncio.sleep(VOID_PAUSE_S)

    async def _strike(self, kind: Kind) -> bool:
        """Run one fault and return whether it landed."""
        at_s, beside = time.time(), kind.aside
        if kind.aside:
            outcome = await self._break(kind)
        else:
            async with self._ground.taken(alone=kind.alone):
                before = self._ground.active
                outcome = await self._break(kind)
                beside = max(before, self._ground.active) > 1
        if outcome.in_flight == 0:
            self.void[kind.name] = self.void.get(kind.name, 0) + 1
            return False
        self.struck.append(LandedFault(kind, at_s, outcome, beside))
        if outcome.failed:
            self.say(f"FAILED {kind.name}: {outcome.failed}")
        return True

    async def _break(self, kind: Kind) -> Outcome:
        try:
            return await kind.fault(self.world, self.chance)
        except ProcessLookupError:
            return Outcome("the process had just ended by itself", 0)
        except KafkaError:
            return Outcome("the broker was down, so the records in flight are unknown", 0)

    async def _tell(self, end_s: float) -> None:
        while time.monotonic() < end_s:
            await asyncio.sleep(min(30.0, max(0.1, end_s - time.monotonic())))
            kills = sum(one.kind is KILL for one in self.struck)
            left_s = max(0, round(end_s - time.monotonic()))
            so_far = f"{len(self.struck)} faults, {kills} of them kill -9"
            self.say(f"{so_far}; {self.world.traffic.sent:,} records; {left_s} s left")
