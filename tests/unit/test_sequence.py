"""Which messages of a phone came again, and which never came."""

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
    """How many came again, and how many were given up."""
    sequences = SequenceTracker()
    noted = [sequences.record(push) for push in pushes]
    return sum(one.repeated for one in noted), sum(one.missing for one in noted)


def by_numbers(*numbers: int) -> tuple[int, int]:
    return counted(map(numbered, numbers))


def test_a_message_after_the_other_is_nothing_to_count() -> None:
    assert by_numbers(*range(5, LATER)) == (0, 0)


def test_a_number_that_comes_again_is_a_repeat() -> None:
    assert by_numbers(1, 2, 2, 3, 1) == (2, 0)


def test_messages_out_of_order_are_neither_repeats_nor_missing() -> None:
    numbers = list(range(LATER))
    for at in range(0, LATER, 8):
        random.Random(at).shuffle(view := numbers[at : at + 8])
        numbers[at : at + 8] = view
    assert by_numbers(*numbers) == (0, 0)


def test_a_number_left_out_is_missing_once_the_window_has_passed_it() -> None:
    sequences = SequenceTracker()
    noted = [sequences.record(numbered(number)) for number in range(WINDOW + 5) if number != 3]
    assert [number for number, one in enumerate(noted) if one.missing] == [WINDOW + 2]


@pytest.mark.parametrize("lost", [1, 2, WINDOW - 1, WINDOW, WINDOW + 1, 1000])
def test_so_many_are_missing_as_were_lost(lost: int) -> None:
    assert by_numbers(*range(10), *range(10 + lost, 10 + lost + LATER)) == (0, lost)


def test_what_is_still_missing_when_another_session_begins_is_given_up() -> None:
    pushes = [numbered(1), numbered(4), numbered(0, "b2"), numbered(1, "b2")]
    assert counted(pushes) == (0, 2)


def test_a_new_session_may_have_the_same_numbers() -> None:
    assert counted([numbered(7, "b1"), numbered(7, "b2")]) == (0, 0)


def test_one_from_before_the_first_that_came_was_not_waited_for() -> None:
    assert by_numbers(10, 8, *range(11, LATER)) == (0, 1)
    assert by_numbers(10, 8, 9, *range(11, LATER)) == (0, 0)


def test_one_from_before_the_window_is_not_known_any_more() -> None:
    assert by_numbers(*range(WINDOW + 1), 0) == (0, 0)


def test_a_jump_that_cannot_be_is_a_phone_that_counts_anew() -> None:
    assert by_numbers(0, RESET_AFTER_GAP + 1, RESET_AFTER_GAP + 2) == (0, 0)
    assert by_numbers(2**53, 0) == (0, 0)


def test_phones_are_told_apart() -> None:
    assert counted([numbered(1), numbered(1, device_id="phone-2")]) == (0, 0)


def test_a_message_without_a_number_is_known_by_its_fixes() -> None:
    assert counted([unnumbered(1), unnumbered(2), unnumbered(1), unnumbered(1, latitude=41.0)]) == (1, 0)


def test_so_many_messages_without_numbers_are_remembered() -> None:
    some = [unnumbered(second) for second in range(UNNUMBERED_MAX)]
    assert counted([*some, some[0]]) == (1, 0)
    assert counted([*some, unnumbered(99), some[0]]) == (0, 0)


def test_the_phone_unheard_of_for_longest_is_forgotten_first() -> None:
    sequences = SequenceTracker(devices_max=2)
    for device_id in ("a", "b", "a", "c"):
        sequences.record(numbered(1, device_id=device_id))
    assert sequences.record(numbered(1, device_id="a")) == SequenceResult(repeated=True)
    assert sequences.record(numbered(1, device_id="b")) == SequenceResult()
