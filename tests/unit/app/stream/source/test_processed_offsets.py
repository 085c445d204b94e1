"""Processed offsets of partitions."""

from faust.types import TP

from app.stream.source.processed_offsets import ProcessedOffsets

A, B = TP("a", 0), TP("b", 0)


def test_an_offset_never_decreases() -> None:
    processed = ProcessedOffsets()
    processed.advance(A, 7)
    processed.advance(A, 3)
    assert processed[A] == 7


def test_a_start_offset_applies_only_to_a_partition_without_one() -> None:
    processed = ProcessedOffsets()
    processed.start_at(A, 5)
    processed.start_at(A, 9)
    assert processed.of({A, B}) == {A: 5}


def test_a_revoked_partition_has_no_offset() -> None:
    processed = ProcessedOffsets()
    processed.advance(A, 7)
    processed.forget(A)
    assert processed.get(A) is None
