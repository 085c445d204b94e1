"""Detection of records that were skipped between two fetches."""

from faust.types import TP

from app.stream.source.fetched_batch import FetchedBatch
from app.stream.source.gap_detector import GapDetector
from tests.support.batch import records_at

A, B = TP("a", 0), TP("b", 0)


def test_records_that_continue_the_last_fetch_are_accepted() -> None:
    detector = GapDetector()
    detector.seeked_to(A, 3)
    assert [detector.accept(A, records_at(A, 3, 4)), detector.accept(A, records_at(A, 5))] == [
        FetchedBatch(3, records_at(A, 3, 4)),
        FetchedBatch(5, records_at(A, 5)),
    ]


def test_a_hole_is_fetched_again_and_filled() -> None:
    detector = GapDetector()
    detector.seeked_to(A, 3)
    assert detector.accept(A, records_at(A, 7, 8)) is None
    assert detector.refetch_offset(A) == 3
    assert detector.accept(A, records_at(A, 3, 4)) == FetchedBatch(3, records_at(A, 3, 4))
    assert detector.accept(A, records_at(A, 7, 8)) is None


def test_a_gap_that_a_second_fetch_confirms_is_accepted() -> None:
    detector = GapDetector()
    detector.seeked_to(A, 3)
    assert detector.accept(A, records_at(A, 7)) is None
    assert detector.accept(A, records_at(A, 7)) == FetchedBatch(3, records_at(A, 7))
    assert detector.accept(A, records_at(A, 8)) == FetchedBatch(8, records_at(A, 8))


def test_records_from_before_the_expected_offset_do_not_move_it_back() -> None:
    detector = GapDetector()
    detector.seeked_to(A, 9)
    assert detector.accept(A, records_at(A, 5, 6)) == FetchedBatch(9, records_at(A, 5, 6))
    assert detector.refetch_offset(A) == 9
