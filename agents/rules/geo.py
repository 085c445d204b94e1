"""Distances on the Earth."""

from typing import Final

from haversine import Unit, haversine

HALF_ROUND_EARTH_M: Final = float(haversine((90.0, 0.0), (-90.0, 0.0), unit=Unit.METERS))
"""The furthest two places can be apart."""

M_PER_DEG_MAX: Final = 111_700.0
"""At most so many metres lie in a degree of latitude or longitude (WGS-84: 111,694 m at the poles)."""


def distance_m(a_latitude: float, a_longitude: float, b_latitude: float, b_longitude: float) -> float:
    """Great-circle distance between two places given in degrees. Total for coordinates in range.

    Differs from the geodesic on WGS-84 by up to 0.5 %.
    """
    try:
        return float(haversine((a_latitude, a_longitude), (b_latitude, b_longitude), unit=Unit.METERS, check=False))
    except ValueError:  # rounding put the sine of antipodes above 1
        return HALF_ROUND_EARTH_M


def degrees_within(metres: float) -> float:
    """Two places whose latitudes and longitudes together differ by no more degrees are no further apart than that.

    A cheap and safe test for "near", without trigonometry: it says nothing of places it does not hold for, as those
    on either side of the antimeridian.
    """
    return metres / M_PER_DEG_MAX
