"""Conditions: how phones report and terminals err, one per session. Their names are those of the labels."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from app.simulate.gnss_model import (
    NO_ACCURACY_STEADY,
    NO_ACCURACY_WANDERING,
    POOR,
    STEADY,
    WANDERING,
    FixModel,
    random_receiver,
)
from app.simulate.network import DeliveryModel, delayed, on_time
from app.simulate.noise import FixNoise, fake_locations, no_noise, outliers
from app.simulate.place import Place
from app.simulate.scenarios import Trip, by_plane, by_train, card_lent, driving, everyday, phone_left_at_home

USUAL: Final = random_receiver(STEADY, WANDERING, WANDERING)


@dataclass(frozen=True, slots=True)
class Terminal:
    """Errors of a terminal: distance of its stated location from the payer, and offset of its stated time."""

    shop_m: tuple[float, float] = (0.0, 30.0)
    clock_s: tuple[float, float] = (0.0, 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Conditions of one session.

    Attributes:
        every_s: candidates for the interval between two fixes; one is drawn.
        gap_s: length of the silences between segments of live fixes; payments fall into these silences.
        moving: payments fall on any moment; otherwise mostly where the holder stands or walks.
    """

    name: str
    trip: Callable[[Place, int, Random], Trip] = everyday
    every_s: tuple[int, ...] = (1,)
    gap_s: int = 0
    receiver: Callable[[Random], FixModel] = USUAL
    noise: FixNoise = no_noise
    deliver: DeliveryModel = on_time
    terminal: Terminal = Terminal()
    moving: bool = False


CONDITIONS: Final = {
    condition.name: condition
    for condition in (
        Condition(name="live 1 Hz"),
        Condition(name="every 30 s", every_s=(30,)),
        Condition(name="every 120 s", every_s=(120,)),
        Condition(name="gap 1 min", gap_s=60),
        Condition(name="gap 5 min", gap_s=300),
        Condition(name="gap 15 min", gap_s=900),
        Condition(name="late, shuffled, doubled pushes", deliver=delayed),
        Condition(name="poor accuracy", every_s=(5,), receiver=random_receiver(POOR)),
        Condition(name="no accuracy field", receiver=random_receiver(NO_ACCURACY_STEADY, NO_ACCURACY_WANDERING)),
        Condition(name="outliers 40 km", every_s=(1, 30), noise=outliers),
        Condition(name="till clock 20 s off", trip=driving, terminal=Terminal(clock_s=(10.0, 20.0)), moving=True),
        Condition(name="shop 80-250 m off", terminal=Terminal(shop_m=(80.0, 250.0))),
        Condition(name="flight, phone off", trip=by_plane),
        Condition(name="phone left at home", trip=phone_left_at_home, moving=True),
        Condition(name="train", trip=by_train, moving=True),
        Condition(name="lent card", trip=card_lent, moving=True),
        Condition(name="mock and cloaked", noise=fake_locations),
    )
}
