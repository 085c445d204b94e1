"""Continuity: no record is passed over between two fetches."""

from faust.types import TP

from app.stream.source.fetched_batch import FetchedBatch
from app.stream.source.gap_detector import GapDetector
from tests.support.batch import records_at

A, B = TP("a", 0), TP("b", 0)


def test_what_follows_the_last_fetch_is_handed_out() -> None:
    continuity = GapDetector()
    continuity.seeked_to(A, 3)
    assert [continuity.accept(A, records_at(A, 3, 4)), continuity.accept(A, records_at(A, 5))] == [
        FetchedBatch(3, records_at(A, 3, 4)),
        FetchedBatch(5, records_at(A, 5)),
    ]


def test_a_hole_is_asked_for_again_and_filled() -> None:
    continuity = GapDetector()
    continuity.seeked_to(A, 3)
    assert continuity.accept(A, records_at(A, 7, 8)) is None
    assert continuity.where(A) == 3
    assert continuity.accept(A, records_at(A, 3, 4)) == FetchedBatch(3, records_at(A, 3, 4))
    assert continuity.accept(A, records_at(A, 7, 8)) is None


def test_a_gap_that_is_still_there_when_asked_again_is_the_brokers() -> None:
    continuity = GapDetector()
    continuity.seeked_to(A, 3)
    assert continuity.accept(A, records_at(A, 7)) is None
    assert continuity.accept(A, records_at(A, 7)) == FetchedBatch(3, records_at(A, 7))
    assert continuity.accept(A, records_at(A, 8)) == FetchedBatch(8, records_at(A, 8))


def test_what_was_handed_out_already_does_not_move_the_next_fetch_back() -> None:
    continuity = GapDetector()
    continuity.seeked_to(A, 9)
    assert continuity.accept(A, records_at(A, 5, 6)) == FetchedBatch(9, records_at(A, 5, 6))
    assert continuity.where(A) == 9
