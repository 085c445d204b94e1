"""Ingest positions: pushes in, positions and dead letters out."""

from agents.ingest_positions import ingest_positions
from agents.state.position_history import PositionHistory
from schemas.codes.reject import RejectCode
from schemas.dead_letter import decode_dead_letter
from tests.support.batch import CONTEXT, FakeBatch, FakeRecord, keyed
from tests.support.make import NOON_MS, fix, push


def batch_with_fixes(*seconds: float) -> FakeBatch:
    """Return a batch whose rows hold fixes at home, at these seconds after noon."""
    batch = FakeBatch([keyed(push(*[fix(second) for second in seconds]))])
    ingest_positions(batch, CONTEXT)
    return FakeBatch(rows=batch.rows)


def codes_of_dead_letters(batch: FakeBatch) -> list[RejectCode]:
    return [decode_dead_letter(value).code for value in batch.values("dead_letters")]


def test_the_fixes_of_a_push_enter_the_position_history() -> None:
    batch = batch_with_fixes(-2, -1)
    assert [one.at_ms - NOON_MS for one in PositionHistory(batch, b"phone-1").evidence(NOON_MS).points] == [
        -2000,
        -1000,
    ]


def test_a_repeated_push_does_not_change_the_evidence() -> None:
    once, twice = batch_with_fixes(-2, -1), FakeBatch([keyed(push(fix(-2), fix(-1)))] * 2)
    ingest_positions(twice, CONTEXT)
    assert (
        PositionHistory(once, b"phone-1").evidence(NOON_MS).points
        == PositionHistory(twice, b"phone-1").evidence(NOON_MS).points
    )


def test_a_push_without_time_of_receipt_uses_the_timestamp_of_its_record() -> None:
    batch = FakeBatch([keyed(push(fix(-1), fix(299), fix(301)))])
    ingest_positions(batch, CONTEXT)
    assert [one.at_ms - NOON_MS for one in PositionHistory(batch, b"phone-1").evidence(NOON_MS).points] == [
        -1000,
        299_000,
    ]


def test_ordinary_values_are_no_faults() -> None:
    batch = FakeBatch([keyed(push(fix(-1), fix(speed_mps=-1), fix(speed_mps=350.0, horizontal_accuracy_m=99.9)))])
    ingest_positions(batch, CONTEXT)
    assert not batch.faults


def test_bad_records_become_dead_letters_and_their_neighbours_are_processed() -> None:
    records = [
        FakeRecord(b"phone-1", b"junk", topic="locations", partition=3, offset=7),
        keyed(push(fix(-1))),
        FakeRecord(b"phone-1", None),
        keyed(push(fix(latitude=91))),
        keyed(push(), key="phone-2"),
        FakeRecord(None, keyed(push()).value),
    ]
    batch = FakeBatch(records)
    ingest_positions(batch, CONTEXT)
    assert codes_of_dead_letters(batch) == ["not-json", "empty", "range", "key-mismatch", "key-mismatch"]
    assert len(PositionHistory(batch, b"phone-1").evidence(NOON_MS).points) == 1
