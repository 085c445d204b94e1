"""Scenarios: how phone and card travel during a session."""

from dataclasses import dataclass
from random import Random
from typing import Final

from app.simulate.motion import CAR_IN_TOWN, CAR_ON_ROAD, PLANE, TRAIN, WALKING, Motion, Trajectory
from app.simulate.place import Place

Spans = tuple[tuple[int, int], ...]
"""Ranges of seconds of a trajectory: start included, end excluded."""

LONGEST_FLIGHT_S: Final = 10_800


@dataclass(frozen=True, slots=True)
class Trip:
    """True tracks of phone and card, mostly the same. In the ranges of `off` the phone reports nothing."""

    phone: Trajectory
    payer: Trajectory
    off: Spans = ()


def everyday(place: Place, length_s: int, chance: Random) -> Trip:
    """Stay at home, at work and in shops, walk and drive."""
    motion = Motion(place, chance)
    _stay_and_walk(motion, length_s, chance)
    return Trip(motion.path, motion.path)


def driving(place: Place, length_s: int, chance: Random) -> Trip:
    """Drive most of the time."""
    motion = Motion(place, chance)
    while len(motion.path) < length_s:
        motion.stay(chance.randint(10, 120))
        motion.travel(chance.choice((CAR_IN_TOWN, CAR_ON_ROAD)), chance.randint(200, 900))
    return Trip(motion.path, motion.path)


def by_train(place: Place, length_s: int, chance: Random) -> Trip:
    """Ride trains at up to 290 km/h, with stations and tunnels without reception."""
    motion = Motion(place, chance)
    motion.stay(chance.randint(30, 200))
    while len(motion.path) < length_s:
        motion.travel(TRAIN, chance.randint(300, 1500))
        motion.stay(chance.randint(60, 180))
    tunnels = sorted(chance.randrange(len(motion.path)) for _ in range(3))
    return Trip(motion.path, motion.path, tuple((first, first + chance.randint(5, 60)) for first in tunnels))


def by_plane(place: Place, length_s: int, chance: Random) -> Trip:
    """Spend half of the time at one airport and half at another, hours apart with the phone off."""
    motion = Motion(place, chance)
    _wait(motion, length_s // 2, chance)
    off_s = len(motion.path)
    motion.stay(chance.randint(300, 900))
    motion.travel(PLANE, chance.randint(2400, LONGEST_FLIGHT_S))
    motion.stay(chance.randint(60, 600))
    on_s = len(motion.path)
    _wait(motion, length_s // 2, chance)
    return Trip(motion.path, motion.path, ((off_s, on_s),))


def phone_left_at_home(place: Place, length_s: int, chance: Random) -> Trip:
    """Stay with the phone for a while, then leave without it."""
    home, away = Motion(place, chance), Motion(place, chance)
    away.stay(length_s // 2)
    away.travel(CAR_IN_TOWN, chance.randint(120, 600))
    _stay_and_walk(away, length_s, chance)
    home.stay(len(away.path) - 1)
    return Trip(home.path, away.path)


def card_lent(place: Place, length_s: int, chance: Random) -> Trip:
    """Keep the phone while a friend takes the card and leaves after a while."""
    holder, friend = Motion(place, chance), Motion(place, chance)
    for motion in (holder, friend):
        motion.stay(length_s // 2)
    friend.travel(chance.choice((WALKING, CAR_IN_TOWN, CAR_ON_ROAD)), chance.randint(200, 600))
    _stay_and_walk(friend, length_s, chance)
    _stay_and_walk(holder, len(friend.path), chance)
    return Trip(holder.path, friend.path)


def _stay_and_walk(motion: Motion, until_s: int, chance: Random) -> None:
    while len(motion.path) < until_s:
        kind = chance.random()
        if kind < 0.4:
            motion.stay(chance.randint(120, 600))
        elif kind < 0.65:
            motion.travel(WALKING, chance.randint(60, 400))
        else:
            motion.travel(chance.choice((CAR_IN_TOWN, CAR_ON_ROAD)), chance.randint(90, 600))


def _wait(motion: Motion, seconds: int, chance: Random) -> None:
    until_s = len(motion.path) + seconds
    while len(motion.path) < until_s:
        motion.stay(chance.randint(60, 300))
        motion.travel(WALKING, chance.randint(30, 200))
