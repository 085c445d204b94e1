"""A simulated card and its payments, as records of the topic."""

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
    """The card of one holder."""

    def __init__(self, device_id: str, chance: Random) -> None:
        self._device_id = device_id
        self._number = card_number(chance)
        self._chance = chance

    def pay(self, transaction_id: str, at_ms: int, place: Place, *, stolen: bool) -> dict[str, Any]:
        """Return the record of a payment as the terminal states it. A thief spends more."""
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
    """Return the card of a device, always the same one."""
    return Card(device_id, Random(device_id))  # noqa: S311 - a play, not a secret


def card_number(chance: Random) -> str:
    """Return sixteen digits that pass the Luhn check."""
    digits = "4" + "".join(str(chance.randrange(10)) for _ in range(14))
    return next(number for check in range(10) if passes_luhn(number := f"{digits}{check}"))
