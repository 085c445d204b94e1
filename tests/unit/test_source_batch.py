"""A batch, the mark that tells how far it has read, and how its outputs are sent."""

from faust.types import TP

from app.stream.output.producer import TOPIC_BATCH_BYTES, Message, _parts
from app.stream.state.batch import WEIGHT_MAX_BYTES, SourceBatch
from app.stream.state.checkpoint import Checkpoint
from tests.support.batch import FakeRecord


def test_a_mark_comes_back_as_it_was() -> None:
    mark = Checkpoint(7, {"verdicts": [Message(b"k", b"v"), Message(None, b"w")]})
    assert Checkpoint.load(mark.dump()) == mark
    assert Checkpoint.next_offset_of(mark.dump()) == 7
    assert Checkpoint.next_offset_of(None) == 0


def test_a_marks_key_is_no_device_id() -> None:
    key = Checkpoint.key(TP("my-locations", 3))
    assert key == b"\0my-locations-3"
    assert Checkpoint.source_of(key) == TP("my-locations", 3)
    assert [Checkpoint.is_key(other) for other in (key, b"phone", b"phone\0book", b"\0\0of-no-device", b"")] == [
        *(True, False, False, False, False)
    ]


def batch_of(*sizes: int, rows: dict[bytes, bytes] | None = None) -> SourceBatch:
    return SourceBatch(
        [FakeRecord(b"k", b"x" * size, offset=place) for place, size in enumerate(sizes, start=10)], rows or {}
    )


def test_a_batch_knows_how_far_it_has_read() -> None:
    batch = batch_of(1, 1, 1)
    taken = [record.offset for record, _ in zip(batch.records, range(2), strict=False)]
    assert (taken, batch.taken) == ([10, 11], 3)
    assert batch.next_offset == 13


def test_a_row_is_read_as_the_batch_has_left_it() -> None:
    batch = batch_of(1, rows={b"k": b"old"})
    assert batch.get(b"k") == b"old"
    batch.put(b"k", b"new")
    assert (batch.get(b"k"), batch.changed) == (b"new", {b"k": b"new"})


def test_a_batch_that_is_heavy_takes_no_further_record() -> None:
    batch = batch_of(1, 1, 1)
    for record in batch.records:
        batch.send("verdicts", record.key, b"x" * WEIGHT_MAX_BYTES)
    assert (batch.taken, batch.next_offset) == (1, 11)


def test_rows_count_towards_the_weight_of_a_batch() -> None:
    batch = batch_of(1, 1, rows={b"k": b"x" * (WEIGHT_MAX_BYTES + 1)})
    for _ in batch.records:
        batch.get(b"k")
    assert batch.taken == 1


def test_outputs_are_cut_into_batches_that_any_topic_takes() -> None:
    messages = [Message(b"k", b"x" * (TOPIC_BATCH_BYTES // 3)) for _ in range(5)]
    assert [len(part) for part in _parts(messages)] == [2, 2, 1]
    assert list(_parts([])) == []
