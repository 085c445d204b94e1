"""A simulation: sessions of phones under all conditions, and everything in them in the order of its arrival."""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, count
from math import ceil, inf
from typing import Final

from app.simulate.conditions import CONDITIONS, Condition
from app.simulate.payments import ANSWER_MS, GeneratedPayment
from app.simulate.session import Session, SessionGenerator, SimulatedPush
from app.simulate.session_spec import SessionSpec

START_MS: Final = 1_767_600_000_000
"""2026-01-05: files of one seed are the same on any day."""

SEED_MAX: Final = 999_999_999
"""A seed is part of all ids; with more digits it could be taken for a card number there, and masked."""

LENGTH_S: Final = (1200, 2100)
SESSION_GAP_S: Final = 20
PAYMENTS: Final = 30

SETTLE_S: Final = 4
"""In a live play phones are heard for so long before anyone pays."""

Arrival = SimulatedPush | GeneratedPayment


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is simulated: the same plan, the same bytes. `seed`: from 0 to `SEED_MAX`.

    Attributes:
        payments: about so many, in equal shares for all conditions.
        length_s: how long a session lasts, between these.
        a_session: how many payments are tried in a session.
        apart_s: a session begins so long after the one before.
        quiet_s: nobody pays before that.
        ends_s: what would arrive later after the first session's start never does.
    """

    seed: int
    payments: int
    conditions: tuple[Condition, ...] = tuple(CONDITIONS.values())
    start_ms: int = START_MS
    length_s: tuple[int, int] = LENGTH_S
    a_session: int = PAYMENTS
    apart_s: float = SESSION_GAP_S
    quiet_s: float = 0.0
    ends_s: float = inf


def live(seed: int, seconds: int, payments: int, a_session: int, conditions: tuple[Condition, ...]) -> Plan:
    """A plan to be played in real time: all phones at once, and payments spread over so many seconds."""
    length_s = SETTLE_S + seconds + ANSWER_MS[1] // 1000
    return Plan(
        seed=seed,
        payments=payments,
        conditions=conditions,
        length_s=(length_s, length_s),
        a_session=a_session,
        apart_s=0.0,
        quiet_s=SETTLE_S,
        ends_s=length_s,
    )


def sessions(plan: Plan) -> Iterator[tuple[int, Session]]:
    """Each with the moment of its beginning, in order of that, until every condition has its share of payments."""
    share = plan.payments / len(plan.conditions)
    done: Counter[str] = Counter()
    for number in count():
        lacking = [condition for condition in plan.conditions if done[condition.name] < share]
        if not lacking:
            return
        condition = min(lacking, key=lambda condition: done[condition.name])
        start_ms = plan.start_ms + round(1000 * plan.apart_s * number)
        session = SessionGenerator(
            SessionSpec(
                name=f"{plan.seed}s{number}",
                condition=condition,
                start_ms=start_ms,
                length_s=plan.length_s,
                payments=min(plan.a_session, ceil(share - done[condition.name])),
                quiet_s=plan.quiet_s,
                ends_ms=plan.start_ms + 1000 * plan.ends_s,
            )
        ).session()
        done[condition.name] += max(1, len(session.paid))  # one where there is nothing to see: this must end
        yield start_ms, session


def arrivals(begun: Iterable[tuple[int, Session]]) -> Iterator[Arrival]:
    """What is in the sessions, in order of arrival. Holds only what may still have to wait for a later session."""
    waiting: list[tuple[int, int, Arrival]] = []
    number = 0
    for start_ms, session in begun:
        while waiting and waiting[0][0] < start_ms:
            yield heapq.heappop(waiting)[2]
        for arrival in chain[Arrival](session.pushed, session.paid):
            heapq.heappush(waiting, (arrival.arrives_ms, number, arrival))
            number += 1
    while waiting:
        yield heapq.heappop(waiting)[2]
