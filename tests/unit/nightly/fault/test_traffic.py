"""The card numbers of the fault tests."""

from schemas.json.identifier import passes_luhn
from tests.nightly.fault.traffic import CARDS, card_number


def test_card_numbers_are_distinct_and_pass_the_luhn_check() -> None:
    numbers = {card_number(number) for number in range(CARDS)}
    assert len(numbers) == CARDS
    assert all(len(number) == 16 and passes_luhn(number) for number in numbers)
