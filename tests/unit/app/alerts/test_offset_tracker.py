"""The offset tracker: commits with offsets that are done out of order."""

import pytest

from app.alerts.offset_tracker import OUT_OF_ORDER_MAX, CommitState, OffsetTracker


def test_the_committed_offset_never_passes_a_pending_record() -> None:
    tracker = OffsetTracker(CommitState(10))
    for offset, pending in ((10, False), (11, True), (12, True), (13, False), (14, True)):
        assert not tracker.is_done(offset)
        tracker.mark_read(offset, 1000 + offset, pending=pending)
    assert (tracker.tracked, tracker.commit_state) == (3, CommitState(11, (), 1014))
    tracker.mark_done([12])
    tracker.mark_done([12, 99])
    assert (tracker.tracked, tracker.commit_state) == (3, CommitState(11, (12,), 1014))
    tracker.mark_done([11])
    assert tracker.commit_state == CommitState(14, (), 1014)
    tracker.mark_done([14])
    assert (tracker.tracked, tracker.commit_state) == (0, CommitState(15, (), 1014))


def test_an_offset_done_out_of_order_stays_done_after_a_restart() -> None:
    tracker = OffsetTracker(CommitState(11, (13,), 1))
    assert [tracker.is_done(offset) for offset in (9, 10, 11, 12, 13, 14)] == [True, True, False, False, True, False]
    for offset in (9, 10):  # replayed
        tracker.mark_read(offset, 1, pending=False)
    assert tracker.commit_state.offset == 11


@pytest.mark.parametrize("state", [CommitState(7), CommitState(7, (9, 12)), CommitState(0, (1,), 1_795_262_400_000)])
def test_a_commit_state_survives_its_metadata(state: CommitState) -> None:
    assert CommitState.parse(state.offset, state.metadata) == state


@pytest.mark.parametrize("metadata", ["", "1", "2;;4", "1;x;", "1;;4,y", "\0;;", "1;;;"])
def test_metadata_of_another_program_is_ignored(metadata: str) -> None:
    assert CommitState.parse(7, metadata) == CommitState(7)


def test_the_longest_metadata_fits_the_limit_of_kafka() -> None:
    far = tuple(range(9_000_000, 9_000_000 + 2 * OUT_OF_ORDER_MAX))
    metadata = CommitState(0, far, 1_795_262_400_000).metadata
    assert len(metadata) <= 4096
    assert len(CommitState.parse(0, metadata).out_of_order) == OUT_OF_ORDER_MAX
