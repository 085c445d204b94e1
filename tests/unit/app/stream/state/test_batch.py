"""The batch of an agent: progress, rows and weight."""

from app.stream.state.batch import WEIGHT_MAX_BYTES, SourceBatch
from tests.support.batch import FakeRecord


def batch_of(*sizes: int, rows: dict[bytes, bytes] | None = None) -> SourceBatch:
    return SourceBatch(
        [FakeRecord(b"k", b"x" * size, offset=offset) for offset, size in enumerate(sizes, start=10)], rows or {}
    )


def test_a_batch_counts_the_records_that_were_read() -> None:
    batch = batch_of(1, 1, 1)
    offsets = [record.offset for record, _ in zip(batch.records, range(2), strict=False)]
    assert (offsets, batch.records_read) == ([10, 11], 3)
    assert batch.next_offset == 13


def test_a_row_is_read_as_the_batch_has_changed_it() -> None:
    batch = batch_of(1, rows={b"k": b"old"})
    assert batch.get(b"k") == b"old"
    batch.put(b"k", b"new")
    assert (batch.get(b"k"), batch.changed) == (b"new", {b"k": b"new"})


def test_a_full_batch_yields_no_further_record() -> None:
    batch = batch_of(1, 1, 1)
    for record in batch.records:
        batch.send("verdicts", record.key, b"x" * WEIGHT_MAX_BYTES)
    assert (batch.records_read, batch.next_offset) == (1, 11)


def test_rows_count_towards_the_weight_of_a_batch() -> None:
    batch = batch_of(1, 1, rows={b"k": b"x" * (WEIGHT_MAX_BYTES + 1)})
    for _ in batch.records:
        batch.get(b"k")
    assert batch.records_read == 1
