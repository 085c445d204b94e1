"""A card: the payments made with it, as they go onto the topic."""

from random import Random
from typing import Any, Final

from app.simulate.place import Place
from schemas.json.identifier import passes_luhn
from schemas.json.timestamps import format_us

MERCHANTS: Final = (
    ("m1", "Corner Shop", "grocery"),
    ("m2", "Harbour Coffee", "restaurant"),
    ("m3", "Elm Street Books", "books"),
    ("m4", "Ring Road Fuel", "fuel"),
    ("m5", "Northside Electronics", "electronics"),
)


class Card:
    """One holder's card."""

    def __init__(self, device_id: str, chance: Random) -> None:
        self._device_id = device_id
        self._number = card_number(chance)
        self._chance = chance

    def pay(self, transaction_id: str, at_ms: int, place: Place, *, stolen: bool) -> dict[str, Any]:
        """The record of a payment as its till states it. A thief spends more."""
        chance = self._chance
        merchant_id, merchant, category = chance.choice(MERCHANTS)
        return {
            "transaction_id": transaction_id,
            "user_id": f"user-of-{self._device_id}",
            "device_id": self._device_id,
            "name": "Pat Doe",
            "timestamp": format_us(at_ms * 1000),
            "amount": f"{chance.uniform(200, 2500) if stolen else chance.uniform(2, 120):.2f}",
            "currency": "USD",
            "card_number": self._number,
            "merchant_id": merchant_id,
            "merchant": merchant,
            "merchant_category": category,
            "latitude": round(place.latitude, 6),
            "longitude": round(place.longitude, 6),
            "transaction_type": "purchase",
            "transaction_device": "pos",
        }


def card_of(device_id: str) -> Card:
    """A holder's card that is the same one each time."""
    return Card(device_id, Random(device_id))  # noqa: S311 - a play, not a secret


def card_number(chance: Random) -> str:
    """Sixteen digits that pass their check."""
    digits = "4" + "".join(str(chance.randrange(10)) for _ in range(14))
    return next(number for check in range(10) if passes_luhn(number := f"{digits}{check}"))
