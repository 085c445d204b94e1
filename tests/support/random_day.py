"""A random day of one device: its fixes and payments, their order of arrival, and the verdicts of the agents."""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from typing import Any, Final

from agents.context import AgentContext
from agents.ingest_positions import ingest_positions
from agents.rules.state_limits import STATE_LIMITS
from agents.score import score
from agents.state.retention import expire
from tests.support.batch import CONTEXT, FakeBatch, FakeRecord
from tests.support.make import CARD, NOON_MS, as_bytes, fix, payment, push
from tests.support.phone import east_of_home

KEY: Final = b"phone-1"
OTHER_CARD: Final = "4111111111111111"


@dataclass(frozen=True)
class Event:
    """A fix or a payment, `at_s` seconds after noon."""

    at_s: float
    value: dict[str, Any]
    is_fix: bool
    device: str = "phone-1"


def day(chance: random.Random, hours: float = 6) -> list[Event]:
    """Return the fixes and payments of a day, with outliers, poor accuracy and mock fixes.

    The phone reports every second, at longer intervals, or not at all, in turn.
    """
    events: list[Event] = []
    at_s, east_m, speed_mps = 0.0, 0.0, 0.0
    events.append(Event(at_s, _fix(chance, at_s, east_m, speed_mps), is_fix=True))  # so that no day is empty
    while at_s < hours * 3600:
        interval_s, longest_s = chance.choice(
            ((1, 900), (1, 300), (30, 3000), (300, 6000), (None, 3000), (None, 12_000))
        )
        end_s = min(at_s + chance.uniform(60, longest_s), hours * 3600)
        if interval_s is None:
            at_s = end_s
        while interval_s is not None and at_s < end_s:
            if chance.random() < 0.02:
                speed_mps = chance.choice((0.0, 0.0, 1.4, 15.0, 30.0))
            east_m += speed_mps * interval_s
            events.append(Event(at_s, _fix(chance, at_s, east_m, speed_mps), is_fix=True))
            at_s += interval_s
            if chance.random() < 0.003 * interval_s**0.5:
                paid = _payment(chance, len(events), at_s, east_m)
                events.append(Event(at_s, paid, is_fix=False))
    return events


def _fix(chance: random.Random, at_s: float, east_m: float, speed_mps: float) -> dict[str, Any]:
    error_m = 40_000 if chance.random() < 0.003 else chance.gauss(0, 4)
    latitude, longitude = east_of_home(east_m + error_m)
    return fix(
        at_s + chance.random(),
        latitude=latitude,
        longitude=longitude,
        speed_mps=max(0.0, speed_mps + chance.gauss(0, 0.2)),
        horizontal_accuracy_m=chance.choice((4.0, 8.0, 10.0, 20.0, 400.0, None)),
        mock=chance.random() < 0.003,
    )


def _payment(chance: random.Random, number: int, at_s: float, east_m: float) -> dict[str, Any]:
    distance_m = chance.choice((0, 50, 200, 300, 600, 2_000, 20_000, 300_000))
    latitude, longitude = east_of_home(east_m + distance_m)
    return payment(
        number,
        timestamp=NOON_MS / 1000 + at_s + chance.uniform(-20, 20),
        latitude=latitude,
        longitude=longitude,
        card_number=chance.choice((CARD, OTHER_CARD)),
    )


def arrivals(events: Sequence[Event], chance: random.Random) -> list[tuple[float, Event]]:
    """Return events with their times of arrival, in order of arrival.

    Some arrive late and some twice, none beyond the allowed lateness.
    """
    bound_s = STATE_LIMITS.lateness_s - 100  # the terminal's clock may also be off
    arriving = []
    for event in events:
        late_s = chance.choice((0.0, 0.0, 0.0, chance.uniform(0, bound_s)))
        arriving.append((event.at_s + late_s, event))
        if chance.random() < 0.05:
            arriving.append((event.at_s + chance.uniform(0, bound_s), event))
    return sorted(arriving, key=lambda one: (one[0], chance.random()))


def published(
    arriving: Sequence[tuple[float, Event]],
    chance: random.Random,
    context_at: Callable[[float], AgentContext] = lambda _: CONTEXT,
    rows: dict[bytes, bytes] | None = None,
) -> list[dict[str, Any]]:
    """Return every revision that the agents publish when the arrivals are split into random records and batches.

    `context_at`: returns the context of a batch from the arrival of its last record, in seconds after noon. `rows`: the
    table, which is changed.
    """
    rows = {} if rows is None else rows
    revisions: list[dict[str, Any]] = []
    for part in _batches(arriving, chance):
        context = context_at(part[-1][0])
        now_ms = NOON_MS + round(1000 * part[-1][0])
        if part[0][1].is_fix:
            batch = FakeBatch(list(_pushes(part, chance)), rows)
            ingest_positions(batch, context)
        else:
            batch = FakeBatch([FakeRecord(KEY, as_bytes(one.value), timestamp=now_ms) for _, one in part], rows)
            score(batch, context)
        if chance.random() < 0.1:
            _run_maintenance(batch, now_ms, context)
        revisions += map(json.loads, batch.values("verdicts"))
    closing = FakeBatch([], rows)
    _run_maintenance(
        closing, NOON_MS + round(1000 * arriving[-1][0]) + STATE_LIMITS.silent_phone_grace_ms, context_at(inf)
    )
    return revisions + [json.loads(value) for value in closing.values("verdicts")]


def _batches(arriving: Sequence[tuple[float, Event]], chance: random.Random) -> Iterator[Sequence[tuple[float, Event]]]:
    begin, size = 0, chance.choice((1, 5, 60, 300))
    for at, (earlier, later) in enumerate(pairwise(arriving), start=1):
        if earlier[1].is_fix != later[1].is_fix or at - begin >= size:
            yield arriving[begin:at]
            begin, size = at, chance.choice((1, 5, 60, 300))
    yield arriving[begin:]


def _pushes(part: Sequence[tuple[float, Event]], chance: random.Random) -> Iterator[FakeRecord]:
    while part:
        size = chance.randint(1, 20)
        pushed, part = part[:size], part[size:]
        record = as_bytes(push(*(event.value for _, event in pushed)))
        yield FakeRecord(KEY, record, topic="locations", timestamp=NOON_MS + round(1000 * pushed[-1][0]))


def _run_maintenance(batch: FakeBatch, now_ms: int, context: AgentContext) -> None:
    for key in list(batch.rows):
        expire(batch, key, now_ms, context)


@dataclass
class Answers:
    """The newest revision of each payment, without its number. `newest`: by transaction id."""

    revisions: list[dict[str, Any]]
    newest: dict[str, dict[str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        self.newest = {}
        numbers: dict[str, int] = {}
        for revision in self.revisions:
            name, number = revision["transaction_id"], revision["revision"]
            assert number == numbers.get(name, 0) + 1, "revisions are numbered without gaps"
            numbers[name] = number
            self.newest[name] = {key: value for key, value in revision.items() if key != "revision"}
