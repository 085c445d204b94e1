"""A simulation: sessions under all conditions, merged in order of arrival."""

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
"""2026-01-05, so that files of one seed are equal on any day."""

SEED_MAX: Final = 999_999_999
"""A seed is part of all ids; a longer one could look like a card number and be masked."""

LENGTH_S: Final = (1200, 2100)
SESSION_GAP_S: Final = 20
PAYMENTS: Final = 30

SETTLE_S: Final = 4
"""Seconds of positions before the first payment of a live simulation."""

Arrival = SimulatedPush | GeneratedPayment


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Plan of a simulation. The same plan generates the same bytes. `seed`: from 0 to `SEED_MAX`.

    Attributes:
        payments: approximate number, in equal shares for all conditions.
        length_s: range of the length of a session.
        a_session: payments to try per session.
        apart_s: time between the starts of two sessions.
        quiet_s: no payment before this second of a session.
        ends_s: anything that would arrive later after the first session's start is left out.
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
    """Return a plan for real time: all phones at once, payments spread over these seconds."""
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
    """Yield sessions with their start, in order of start, until every condition has its share of payments."""
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
        done[condition.name] += max(1, len(session.paid))  # at least one, so that the loop ends
        yield start_ms, session


def arrivals(begun: Iterable[tuple[int, Session]]) -> Iterator[Arrival]:
    """Yield the contents of the sessions in order of arrival. Hold only what a later session may precede."""
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
