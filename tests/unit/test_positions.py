"""Positions: below them everything is done."""

from faust.types import TP

from app.stream.source.processed_offsets import ProcessedOffsets

A, B = TP("a", 0), TP("b", 0)


def test_a_position_never_goes_back() -> None:
    positions = ProcessedOffsets()
    positions.advance(A, 7)
    positions.advance(A, 3)
    assert positions[A] == 7


def test_a_position_begins_where_the_group_has_none_and_only_there() -> None:
    positions = ProcessedOffsets()
    positions.start_at(A, 5)
    positions.start_at(A, 9)
    assert positions.of({A, B}) == {A: 5}


def test_a_partition_that_was_taken_away_has_no_position() -> None:
    positions = ProcessedOffsets()
    positions.advance(A, 7)
    positions.forget(A)
    assert positions.get(A) is None
