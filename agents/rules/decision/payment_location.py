"""Spot: where and when a card was used, as the payment says."""

from typing import NamedTuple


class PaymentLocation(NamedTuple):
    """`uncertainty_m` is one sigma of the place; None: it does not say. `at_us`: epoch microseconds."""

    latitude: float
    longitude: float
    uncertainty_m: float | None
    at_us: int
