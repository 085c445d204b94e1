"""Law of arrival order: no order of a day's records changes a final verdict, on topics or in files."""

import io
import json
import random
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from app.cli.judge import FileJudge
from tests.support.batch import CONTEXT
from tests.support.make import as_bytes, push
from tests.support.random_day import Answers, Event, arrivals, day, published


def judged(events: list[Event]) -> Answers:
    judge = FileJudge(CONTEXT, sys.stderr)
    judge.add_positions(io.BytesIO(b"\n".join(as_bytes(push(event.value)) for event in events if event.is_fix)))
    payments = io.BytesIO(b"\n".join(as_bytes(event.value) for event in events if not event.is_fix))
    return Answers([json.loads(line) for line in judge.verdicts(payments)])


@given(st.integers(0, 2**32))
@settings(max_examples=12, deadline=None)
def test_arrival_order_does_not_change_the_verdicts(seed: int) -> None:
    chance = random.Random(seed)
    events = day(chance)
    first = Answers(published(arrivals(events, chance), chance))
    assert first.newest == judged(events).newest
    assert {answer["status"] for answer in first.newest.values()} <= {"final"}


@given(st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
def test_the_order_of_lines_in_a_file_changes_no_verdict(seed: int) -> None:
    chance = random.Random(seed)
    events = day(chance, hours=2)
    shuffled = chance.sample(events, len(events))
    assert judged(events).newest == judged(shuffled).newest
