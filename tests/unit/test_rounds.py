"""Rounds: every row gets its turn within the hour."""

from app.stream.state.sweeper import PERIOD_MS, ROWS_A_BATCH, ROWS_A_BATCH_MAX, IncrementalSweep


def test_a_round_names_each_row_once_and_the_next_one_begins_when_it_is_due() -> None:
    rounds, rows = IncrementalSweep(), {b"%d" % number: b"" for number in range(2 * ROWS_A_BATCH + 1)}
    named = [rounds.next_keys(0, rows, now_ms) for now_ms in (0, 1, 2)]
    assert [len(keys) for keys in named] == [ROWS_A_BATCH, ROWS_A_BATCH, 1]
    assert {key for keys in named for key in keys} == rows.keys()
    assert rounds.next_keys(0, rows, PERIOD_MS - 1) == []
    assert len(rounds.next_keys(0, rows, PERIOD_MS)) == ROWS_A_BATCH


def test_where_batches_are_few_each_looks_at_more_so_that_a_round_takes_an_hour() -> None:
    rounds, rows = IncrementalSweep(), {b"%d" % number: b"" for number in range(10 * ROWS_A_BATCH)}
    named = [len(rounds.next_keys(0, rows, now_ms)) for now_ms in range(0, PERIOD_MS + 1, PERIOD_MS // 4)]
    assert named[:4] == [ROWS_A_BATCH, *[len(rows) // 4] * 3]
    assert sum(named) >= len(rows)


def test_no_batch_looks_at_more_rows_than_it_has_time_for() -> None:
    rounds, rows = IncrementalSweep(), {b"%d" % number: b"" for number in range(10 * ROWS_A_BATCH_MAX)}
    rounds.next_keys(0, rows, 0)
    assert len(rounds.next_keys(0, rows, PERIOD_MS)) == ROWS_A_BATCH_MAX


def test_partitions_have_rounds_of_their_own() -> None:
    rounds = IncrementalSweep()
    assert rounds.next_keys(0, {b"a": b""}, 0) == [b"a"]
    assert rounds.next_keys(1, {b"b": b""}, 0) == [b"b"]
    assert rounds.next_keys(0, {b"a": b"", b"new": b""}, 0) == []
