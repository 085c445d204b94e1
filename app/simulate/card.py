"""A card: payments its holder makes beside the phone, and payments a thief makes elsewhere."""

import random
from dataclasses import dataclass
from typing import Any, Final

from app.simulate.drive import Sample, moved
from schemas.identifier import passes_luhn
from schemas.timestamps import format_us

MERCHANTS: Final = (
    ("m1", "Corner Shop", "grocery"),
    ("m2", "Harbour Coffee", "restaurant"),
    ("m3", "Elm Street Books", "books"),
    ("m4", "Ring Road Fuel", "fuel"),
    ("m5", "Northside Electronics", "electronics"),
)
SHOP_OFF_M: Final = 60.0
THEFT_M: Final = (6_000.0, 800_000.0)


@dataclass(frozen=True, slots=True)
class LabelledPayment:
    """A payment as it goes onto the topic, and whether its holder could have made it."""

    record: dict[str, Any]
    stolen: bool


class Card:
    """One holder's card."""

    def __init__(self, device_id: str, number: str, chance: random.Random) -> None:
        self.device_id = device_id
        self._number = number
        self._chance = chance

    def pay(self, transaction_id: str, at_ms: int, phone: Sample, *, stolen: bool) -> LabelledPayment:
        """A payment now: within a shop of the phone, or, stolen, so far away that nobody could have come there."""
        chance = self._chance
        away_m = chance.uniform(*THEFT_M) if stolen else chance.uniform(0, SHOP_OFF_M)
        latitude, longitude = moved(phone.latitude, phone.longitude, away_m, chance.uniform(0, 360))
        merchant_id, merchant, category = chance.choice(MERCHANTS)
        record = {
            "transaction_id": transaction_id,
            "user_id": f"user-of-{self.device_id}",
            "device_id": self.device_id,
            "name": "Pat Doe",
            "timestamp": format_us(at_ms * 1000),
            "amount": f"{chance.uniform(200, 2500) if stolen else chance.uniform(2, 120):.2f}",
            "currency": "USD",
            "card_number": self._number,
            "merchant_id": merchant_id,
            "merchant": merchant,
            "merchant_category": category,
            "latitude": round(latitude, 6),
            "longitude": round(longitude, 6),
            "transaction_type": "purchase",
            "transaction_device": "pos",
        }
        return LabelledPayment(record, stolen)


def card_number(chance: random.Random) -> str:
    """Sixteen digits that pass their check."""
    digits = "4" + "".join(str(chance.randrange(10)) for _ in range(14))
    return next(number for check in range(10) if passes_luhn(number := f"{digits}{check}"))
