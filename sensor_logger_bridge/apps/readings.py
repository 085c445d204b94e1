"""Conversion of sensor readings to the units of a fix. None: the phone does not know the value."""

from typing import Final

KNOT_MPS: Final = 1852 / 3600
KMH_MPS: Final = 1000 / 3600


def optional(value: float | None) -> float | None:
    """Return None for a negative value, which means unknown on iOS."""
    return None if value is None or value < 0 else value


def optional_positive(value: float | None) -> float | None:
    """Return None for zero or less, where zero also means unknown.

    Android's `Location` returns 0.0 for an unknown value. A phone at rest then has an unknown speed, which cannot lead
    to a false suspect.
    """
    return None if value is None or value <= 0 else value


def speed_mps(value: float | None, unit_mps: float) -> float | None:
    """Convert a positive speed in `unit_mps` to m/s, rounded to 1 mm/s. Return None for zero or less."""
    return None if value is None or value <= 0 else round(value * unit_mps, 3)
