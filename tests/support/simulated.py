"""Small simulations: sessions of one condition and the fixes of one receiver."""

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


def session_generator(condition: str, seed: int = 1, payments: int = 30) -> SessionGenerator:
    """Return the generator of a session under this condition."""
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
    """Return the pushes and payments of a session under this condition."""
    return session_generator(condition, seed).session()


def fixes_of(session: Session) -> list[Fix]:
    """Return the fixes of a session in the order of its pushes."""
    return [fix for pushed in session.pushed for fix in pushed.push.fixes]


def simulated_fixes(seed: int = 1, seconds: int = 600) -> list[SimulatedFix]:
    """Return the fixes of a receiver in a car, one per second."""
    chance = Random(seed)
    path, receiver = driving(PARIS, seconds, chance).phone, GnssReceiver(WANDERING, chance)
    return [receiver.observe(path, second, NOON_MS) for second in range(seconds)]
