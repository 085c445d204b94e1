"""Continuity: no record is passed over between two fetches."""

from faust.types import TP

from app.stream.continuity import Continuity
from app.stream.slices import Slice
from tests.support.batch import records_at

A, B = TP("a", 0), TP("b", 0)


def test_what_follows_the_last_fetch_is_handed_out() -> None:
    continuity = Continuity()
    continuity.sought(A, 3)
    assert [continuity.follow(A, records_at(A, 3, 4)), continuity.follow(A, records_at(A, 5))] == [
        Slice(3, records_at(A, 3, 4)),
        Slice(5, records_at(A, 5)),
    ]


def test_a_hole_is_asked_for_again_and_filled() -> None:
    continuity = Continuity()
    continuity.sought(A, 3)
    assert continuity.follow(A, records_at(A, 7, 8)) is None
    assert continuity.where(A) == 3
    assert continuity.follow(A, records_at(A, 3, 4)) == Slice(3, records_at(A, 3, 4))
    assert continuity.follow(A, records_at(A, 7, 8)) is None


def test_a_gap_that_is_still_there_when_asked_again_is_the_brokers() -> None:
    continuity = Continuity()
    continuity.sought(A, 3)
    assert continuity.follow(A, records_at(A, 7)) is None
    assert continuity.follow(A, records_at(A, 7)) == Slice(3, records_at(A, 7))
    assert continuity.follow(A, records_at(A, 8)) == Slice(8, records_at(A, 8))


def test_what_was_handed_out_already_does_not_move_the_next_fetch_back() -> None:
    continuity = Continuity()
    continuity.sought(A, 9)
    assert continuity.follow(A, records_at(A, 5, 6)) == Slice(9, records_at(A, 5, 6))
    assert continuity.where(A) == 9
