"""Slices: what was fetched is cut, the partitions taking turns."""

import pytest
from faust.types import TP

from app.stream.source import fetched_batch as slices
from app.stream.source.fetched_batch import FetchedBatch, RoundRobinScheduler
from tests.support.batch import records_at

A, B = TP("a", 0), TP("b", 0)


def test_slices_take_turns_and_each_says_what_it_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "RECORDS_MAX", 2)
    fetched = {A: FetchedBatch(0, records_at(A, 1, 2, 3, 4, 7)), B: FetchedBatch(9, records_at(B, 9))}
    cut = [
        (tp, part.start_offset, [record.offset for record in part.records])
        for tp, part in RoundRobinScheduler().iterate(fetched)
    ]
    assert cut == [(A, 0, [1, 2]), (B, 9, [9]), (A, 3, [3, 4]), (A, 5, [7])]


def test_nothing_fetched_is_no_slice() -> None:
    assert list(RoundRobinScheduler().iterate({})) == []
