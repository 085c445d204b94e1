"""Repeated and missing messages of a device."""

import random
from collections.abc import Iterable

import pytest

from schemas.push import Fix, Push
from sensor_logger_bridge.devices.sequence_tracker import (
    RESET_AFTER_GAP,
    UNNUMBERED_MAX,
    WINDOW,
    SequenceResult,
    SequenceTracker,
)
from tests.support.make import NOON_MS

LATER = 10 * WINDOW


def numbered(number: int, session: str | None = "b1", device_id: str = "phone-1") -> Push:
    return Push(device_id, (Fix(NOON_MS, 40.5, -75.5),), session, number)


def unnumbered(second: int, latitude: float = 40.5) -> Push:
    return Push("phone-1", (Fix(NOON_MS + second * 1000, latitude, -75.5),))


def counted(pushes: Iterable[Push]) -> tuple[int, int]:
    """Return the number of repeated and of missing messages."""
    tracker = SequenceTracker()
    results = [tracker.record(push) for push in pushes]
    return sum(result.repeated for result in results), sum(result.missing for result in results)


def by_numbers(*numbers: int) -> tuple[int, int]:
    return counted(map(numbered, numbers))


def test_consecutive_numbers_are_neither_repeated_nor_missing() -> None:
    assert by_numbers(*range(5, LATER)) == (0, 0)


def test_a_number_that_arrives_again_is_repeated() -> None:
    assert by_numbers(1, 2, 2, 3, 1) == (2, 0)


def test_messages_out_of_order_are_neither_repeated_nor_missing() -> None:
    numbers = list(range(LATER))
    for at in range(0, LATER, 8):
        random.Random(at).shuffle(view := numbers[at : at + 8])
        numbers[at : at + 8] = view
    assert by_numbers(*numbers) == (0, 0)


def test_a_skipped_number_is_missing_once_the_window_has_passed_it() -> None:
    tracker = SequenceTracker()
    results = [tracker.record(numbered(number)) for number in range(WINDOW + 5) if number != 3]
    assert [number for number, result in enumerate(results) if result.missing] == [WINDOW + 2]


@pytest.mark.parametrize("lost", [1, 2, WINDOW - 1, WINDOW, WINDOW + 1, 1000])
def test_the_missing_count_equals_the_number_of_lost_messages(lost: int) -> None:
    assert by_numbers(*range(10), *range(10 + lost, 10 + lost + LATER)) == (0, lost)


def test_pending_numbers_count_as_missing_when_a_new_session_starts() -> None:
    pushes = [numbered(1), numbered(4), numbered(0, "b2"), numbered(1, "b2")]
    assert counted(pushes) == (0, 2)


def test_a_new_session_may_have_the_same_numbers() -> None:
    assert counted([numbered(7, "b1"), numbered(7, "b2")]) == (0, 0)


def test_numbers_below_the_first_received_one_are_not_missing() -> None:
    assert by_numbers(10, 8, *range(11, LATER)) == (0, 1)
    assert by_numbers(10, 8, 9, *range(11, LATER)) == (0, 0)


def test_a_number_older_than_the_window_is_not_counted() -> None:
    assert by_numbers(*range(WINDOW + 1), 0) == (0, 0)


def test_an_implausible_gap_is_a_restarted_counter() -> None:
    assert by_numbers(0, RESET_AFTER_GAP + 1, RESET_AFTER_GAP + 2) == (0, 0)
    assert by_numbers(2**53, 0) == (0, 0)


def test_devices_have_separate_sequences() -> None:
    assert counted([numbered(1), numbered(1, device_id="phone-2")]) == (0, 0)


def test_a_message_without_a_number_is_identified_by_its_fixes() -> None:
    assert counted([unnumbered(1), unnumbered(2), unnumbered(1), unnumbered(1, latitude=41.0)]) == (1, 0)


def test_the_number_of_remembered_messages_without_numbers_is_limited() -> None:
    some = [unnumbered(second) for second in range(UNNUMBERED_MAX)]
    assert counted([*some, some[0]]) == (1, 0)
    assert counted([*some, unnumbered(99), some[0]]) == (0, 0)


def test_the_device_with_the_oldest_message_is_dropped_first() -> None:
    tracker = SequenceTracker(devices_max=2)
    for device_id in ("a", "b", "a", "c"):
        tracker.record(numbered(1, device_id=device_id))
    assert tracker.record(numbered(1, device_id="a")) == SequenceResult(repeated=True)
    assert tracker.record(numbered(1, device_id="b")) == SequenceResult()
