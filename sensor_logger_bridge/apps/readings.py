"""Measure: what phones measure, in our units. None: the phone does not know it."""

from typing import Final

KNOT_MPS: Final = 1852 / 3600
KMH_MPS: Final = 1000 / 3600


def optional(value: float | None) -> float | None:
    """Where what is negative is not known, as on iOS."""
    return None if value is None or value < 0 else value


def optional_positive(value: float | None) -> float | None:
    """Where zero, too, stands for what is not known.

    Android's `Location` gives 0.0 for it. A phone at rest is then taken for one of unknown speed, which accuses nobody.
    """
    return None if value is None or value <= 0 else value


def speed_mps(value: float | None, unit_mps: float) -> float | None:
    """A speed above zero in another unit, to the millimetre a second."""
    return None if value is None or value <= 0 else round(value * unit_mps, 3)
