"""Laws of the agents: each record of a topic has exactly one outcome, and no agent raises."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agents.ingest_positions import ingest_positions
from agents.score import score
from schemas.payment import Payment, parse_payment
from schemas.push import Push, parse_push
from tests.support.bad_inputs import CANARY, shows_canary
from tests.support.batch import CONTEXT, FakeBatch, FakeRecord, verdicts
from tests.support.make import NOON_MS, fix, payment, push

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.just(CANARY)
    | st.sampled_from((0, -0.0, 90)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from((b"phone-1", b"phone-1", b"phone-1", b"phone-2", b"", None))


def changed(record: dict[str, Any]) -> st.SearchStrategy[bytes]:
    """Draw the record, in some cases with fields replaced by any value."""
    nothing: st.SearchStrategy[dict[str, Any]] = st.just({})
    changes = nothing | st.dictionaries(st.sampled_from([*record, "cvv", CANARY]), VALUES, max_size=2)
    return changes.map(lambda change: json.dumps(record | change).encode())


def cut(record: dict[str, Any]) -> st.SearchStrategy[bytes]:
    """Draw the record, truncated at some byte."""
    whole = json.dumps(record).encode()
    return st.integers(0, len(whole) - 1).map(lambda end: whole[:end])


def on_a_topic(*values: st.SearchStrategy[bytes]) -> st.SearchStrategy[list[FakeRecord]]:
    timestamps = st.integers(NOON_MS - 10**8, NOON_MS + 10**8)
    value = st.none() | st.binary() | st.one_of(values) | st.one_of(values)
    return st.lists(st.builds(FakeRecord, KEYS, value, timestamp=timestamps), max_size=6)


def one_fix(written: bytes) -> bytes:
    return b'{"device_id":"phone-1","fixes":[%s]}' % written


PAID = payment(1, card_number=CANARY, name=CANARY)
NOWHERE = {"transaction_id": "tx-2", "latitude": None, "longitude": None}
FIXES = st.builds(fix, st.floats(-1e5, 1e5), latitude=st.floats(-90, 90), longitude=st.floats(-180, 180))
PUSHES = st.lists(FIXES, min_size=1, max_size=4).map(lambda fixes: json.dumps(push(*fixes, note=CANARY)).encode())


def all_output(batch: FakeBatch) -> list[bytes]:
    return [*batch.rows.values(), *(value for values in batch.sent.values() for _, value in values)]


def is_of(record: FakeRecord, parsed: Payment | Push | object) -> bool:
    """Return whether a record was parsed and has the key of its device."""
    return isinstance(parsed, Payment | Push) and record.key == parsed.device_id.encode()


@given(on_a_topic(changed(PAID), changed(PAID | NOWHERE), cut(PAID)))
def test_each_payment_record_is_a_verdict_a_dead_letter_or_a_repetition(records: list[FakeRecord]) -> None:
    read = [(record, parse_payment(record.value)) for record in records]
    valid = [one for record, one in read if is_of(record, one) and isinstance(one, Payment)]
    different = {(one.device_id, one.transaction_id) for one in valid}
    batch = FakeBatch(records)
    score(batch, CONTEXT)
    assert len(list(batch.values("dead_letters"))) == len(records) - len(valid)
    assert sum(one.revision == 1 for one in verdicts(batch)) == len(different)
    assert not any(map(shows_canary, all_output(batch)))


@given(on_a_topic(changed(push(note=CANARY)), changed(fix()).map(one_fix), PUSHES))
def test_each_position_record_is_stored_or_a_dead_letter(records: list[FakeRecord]) -> None:
    accepted = [record for record in records if is_of(record, parse_push(record.value))]
    batch = FakeBatch(records)
    ingest_positions(batch, CONTEXT)
    assert len(list(batch.values("dead_letters"))) == len(records) - len(accepted)
    assert set(batch.sent) <= {"dead_letters"}
    assert not any(map(shows_canary, all_output(batch)))


@given(on_a_topic(PUSHES), on_a_topic(changed(PAID)), on_a_topic(PUSHES))
def test_no_combination_of_fixes_and_payments_makes_an_agent_raise(
    early: list[FakeRecord], paid: list[FakeRecord], late: list[FakeRecord]
) -> None:
    rows: dict[bytes, bytes] = {}
    for agent, records in ((ingest_positions, early), (score, paid), (ingest_positions, late)):
        agent(FakeBatch(records, rows), CONTEXT)
    assert not any(map(shows_canary, rows.values()))
