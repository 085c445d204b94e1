"""The place and time at which a card was used, as the payment states them."""

from typing import NamedTuple


class PaymentLocation(NamedTuple):
    """Place and time of a payment.

    `uncertainty_m`: standard deviation of the place; None if the payment does not state it. `at_us`: epoch
    microseconds.
    """

    latitude: float
    longitude: float
    uncertainty_m: float | None
    at_us: int
