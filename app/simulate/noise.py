"""Faults added to fixes after the receiver made them. Each function takes and returns fixes in order of time."""

from collections.abc import Callable, Sequence
from math import exp, log
from random import Random
from typing import Final

import msgspec

from app.simulate.gnss_model import SimulatedFix
from app.simulate.place import Place, moved
from schemas.push import Fix

FixNoise = Callable[[Sequence[SimulatedFix], Random], list[SimulatedFix]]

OUTLIER_M: Final = (30_000.0, 50_000.0)
OUTLIERS: Final = (2, 5)
FAKE_SHARE: Final = 0.1
CLOAKED_SHARE: Final = 0.01
FUTURE_SHARE: Final = 0.005
FUTURE_MS: Final = 3_600_000
STALE_M: Final = (500.0, 50_000.0)


def no_noise(fixes: Sequence[SimulatedFix], _chance: Random) -> list[SimulatedFix]:
    return list(fixes)


def outliers(fixes: Sequence[SimulatedFix], chance: Random) -> list[SimulatedFix]:
    """Add a few fixes about 40 km off that claim ten metres: owntracks/android issue 1350."""
    changed = list(fixes)
    for number in chance.sample(range(len(changed)), min(len(changed) // 4, chance.randint(*OUTLIERS))):
        elsewhere = moved(_place(changed[number].fix), chance.uniform(*OUTLIER_M), chance.uniform(0, 360))
        changed[number] = _false(changed[number], elsewhere, horizontal_accuracy_m=10.0)
    return changed


def fake_locations(fixes: Sequence[SimulatedFix], chance: Random) -> list[SimulatedFix]:
    """Add a stale first fix, declared mock fixes, null islands and fixes one hour ahead."""
    first = fixes[0].fix
    away_m = exp(chance.uniform(*map(log, STALE_M)))
    changed = [_false(fixes[0], moved(_place(first), away_m, chance.uniform(0, 360)))]
    fake = moved(_place(first), chance.uniform(1_000, 5_000_000), chance.uniform(0, 360))
    for simulated in fixes[1:]:
        kind = chance.random()
        if kind < FAKE_SHARE:
            changed.append(_false(simulated, fake, mock=True))
        elif kind < FAKE_SHARE + CLOAKED_SHARE:
            changed.append(_false(simulated, Place(0.0, 0.0)))
        elif kind < FAKE_SHARE + CLOAKED_SHARE + FUTURE_SHARE:
            changed.append(_false(simulated, _place(simulated.fix), at_ms=simulated.fix.at_ms + FUTURE_MS))
        else:
            changed.append(simulated)
    return changed


def _place(fix: Fix) -> Place:
    return Place(fix.latitude, fix.longitude)


def _false(simulated: SimulatedFix, place: Place, **changes: object) -> SimulatedFix:
    latitude, longitude = round(place.latitude, 7), round(place.longitude, 7)
    fix = msgspec.structs.replace(simulated.fix, latitude=latitude, longitude=longitude, **changes)
    return simulated._replace(fix=fix, sound=False)
