"""Distances on the Earth."""

from typing import Final

from haversine import Unit, haversine

HALF_ROUND_EARTH_M: Final = float(haversine((90.0, 0.0), (-90.0, 0.0), unit=Unit.METERS))
"""Largest distance between two places."""

M_PER_DEG_MAX: Final = 111_700.0
"""Upper bound of the length of a degree of latitude or longitude. On WGS-84 it is 111,694 m at the poles."""


def distance_m(a_latitude: float, a_longitude: float, b_latitude: float, b_longitude: float) -> float:
    """Return the great-circle distance between two places given in degrees. Total for coordinates in range.

    The result differs from the geodesic on WGS-84 by up to 0.5 %.
    """
    try:
        return float(haversine((a_latitude, a_longitude), (b_latitude, b_longitude), unit=Unit.METERS, check=False))
    except ValueError:  # rounding raised the sine of antipodes above 1
        return HALF_ROUND_EARTH_M


def degrees_within(metres: float) -> float:
    """Return a bound in degrees that proves two places to be within `metres` of each other.

    If the differences in latitude and longitude add up to no more than the bound, the distance is at most `metres`. The
    test needs no trigonometry. It proves nothing about other pairs, such as places on either side of the antimeridian.
    """
    return metres / M_PER_DEG_MAX
