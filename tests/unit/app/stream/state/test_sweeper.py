"""Incremental sweep: each row is visited within the hour."""

from app.stream.state.sweeper import PERIOD_MS, ROWS_PER_BATCH, ROWS_PER_BATCH_MAX, IncrementalSweep


def test_a_pass_visits_each_row_once_and_the_next_one_starts_when_due() -> None:
    sweep, rows = IncrementalSweep(), {b"%d" % number: b"" for number in range(2 * ROWS_PER_BATCH + 1)}
    visited = [sweep.next_keys(0, rows, now_ms) for now_ms in (0, 1, 2)]
    assert [len(keys) for keys in visited] == [ROWS_PER_BATCH, ROWS_PER_BATCH, 1]
    assert {key for keys in visited for key in keys} == rows.keys()
    assert sweep.next_keys(0, rows, PERIOD_MS - 1) == []
    assert len(sweep.next_keys(0, rows, PERIOD_MS)) == ROWS_PER_BATCH


def test_rare_batches_visit_more_rows_so_that_a_pass_takes_an_hour() -> None:
    sweep, rows = IncrementalSweep(), {b"%d" % number: b"" for number in range(10 * ROWS_PER_BATCH)}
    visited = [len(sweep.next_keys(0, rows, now_ms)) for now_ms in range(0, PERIOD_MS + 1, PERIOD_MS // 4)]
    assert visited[:4] == [ROWS_PER_BATCH, *[len(rows) // 4] * 3]
    assert sum(visited) >= len(rows)


def test_no_batch_visits_more_rows_than_the_limit() -> None:
    sweep, rows = IncrementalSweep(), {b"%d" % number: b"" for number in range(10 * ROWS_PER_BATCH_MAX)}
    sweep.next_keys(0, rows, 0)
    assert len(sweep.next_keys(0, rows, PERIOD_MS)) == ROWS_PER_BATCH_MAX


def test_each_partition_has_a_pass_of_its_own() -> None:
    sweep = IncrementalSweep()
    assert sweep.next_keys(0, {b"a": b""}, 0) == [b"a"]
    assert sweep.next_keys(1, {b"b": b""}, 0) == [b"b"]
    assert sweep.next_keys(0, {b"a": b"", b"new": b""}, 0) == []
