"""Phones and cards that do not exist, a few at a time."""

from random import Random

from app.simulate.conditions import CONDITIONS
from app.simulate.gnss_model import WANDERING, GnssReceiver, SimulatedFix
from app.simulate.place import Place
from app.simulate.scenarios import driving
from app.simulate.session import Session, SessionGenerator
from app.simulate.session_spec import SessionSpec
from app.simulate.simulation import START_MS
from schemas.push import Fix
from tests.support.make import NOON_MS

PARIS = Place(48.85, 2.35)


def performance(condition: str, seed: int = 1, payments: int = 30) -> SessionGenerator:
    """Somebody lives under that condition for a while."""
    return SessionGenerator(
        SessionSpec(
            name=f"{condition} {seed}",
            condition=CONDITIONS[condition],
            start_ms=START_MS,
            length_s=(1200, 2100),
            payments=payments,
        )
    )


def session(condition: str, seed: int = 1) -> Session:
    """What his phone and card said."""
    return performance(condition, seed).session()


def fixes_of(of: Session) -> list[Fix]:
    """In the order of the pushes."""
    return [fix for pushed in of.pushed for fix in pushed.push.fixes]


def sightings(seed: int = 1, seconds: int = 600) -> list[SimulatedFix]:
    """What a receiver in a car saw, every second."""
    chance = Random(seed)
    path, receiver = driving(PARIS, seconds, chance).phone, GnssReceiver(WANDERING, chance)
    return [receiver.observe(path, second, NOON_MS) for second in range(seconds)]
