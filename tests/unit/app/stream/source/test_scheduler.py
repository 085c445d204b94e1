"""Order in which fetched batches reach the agents."""

import pytest
from faust.types import TP

from app.stream.source import scheduler
from app.stream.source.fetched_batch import FetchedBatch
from app.stream.source.scheduler import RoundRobinScheduler
from tests.support.batch import records_at

A, B = TP("a", 0), TP("b", 0)


def test_long_batches_are_split_and_interleaved_with_their_start_offsets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "RECORDS_MAX", 2)
    fetched = {A: FetchedBatch(0, records_at(A, 1, 2, 3, 4, 7)), B: FetchedBatch(9, records_at(B, 9))}
    scheduled = [
        (tp, part.start_offset, [record.offset for record in part.records])
        for tp, part in RoundRobinScheduler().iterate(fetched)
    ]
    assert scheduled == [(A, 0, [1, 2]), (B, 9, [9]), (A, 3, [3, 4]), (A, 5, [7])]


def test_an_empty_fetch_yields_no_batch() -> None:
    assert list(RoundRobinScheduler().iterate({})) == []
