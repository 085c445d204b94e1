"""The unusable records of the fault tests."""

import random

from schemas.payment import Payment, parse_payment
from schemas.push import Push, parse_push
from tests.nightly.fault.poison import bad_payment, bad_push
from tests.nightly.fault.traffic import card_number


def test_no_unusable_record_is_valid() -> None:
    chance = random.Random(1)
    for number in range(600):
        for key, value in (
            bad_payment("phone-1", number, card_number(1), chance),
            bad_push("phone-1", number, chance),
        ):
            read = parse_payment(value), parse_push(value)
            assert not any(isinstance(one, Payment | Push) and key == one.device_id for one in read)
