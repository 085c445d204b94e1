"""Places: cities for the simulation, and movement along great circles."""

from math import asin, atan2, cos, degrees, radians, sin
from typing import Final, NamedTuple

from agents.rules.geo import HALF_ROUND_EARTH_M

M_PER_DEG: Final = HALF_ROUND_EARTH_M / 180


class Place(NamedTuple):
    """A point in degrees, WGS-84."""

    latitude: float
    longitude: float


CITIES: Final = (
    Place(40.7128, -74.0060),
    Place(51.5074, -0.1278),
    Place(48.8566, 2.3522),
    Place(35.6762, 139.6503),
    Place(-33.8688, 151.2093),
    Place(69.6492, 18.9553),  # far north: a degree of longitude is short
    Place(-16.7900, 179.9900),  # beside the antimeridian
)


def moved(place: Place, distance_m: float, bearing_deg: float) -> Place:
    """Return the place at a distance along the great circle that starts with this bearing."""
    angle, bearing = radians(distance_m / M_PER_DEG), radians(bearing_deg)
    here = radians(place.latitude)
    there = asin(sin(here) * cos(angle) + cos(here) * sin(angle) * cos(bearing))
    east = atan2(sin(bearing) * sin(angle) * cos(here), cos(angle) - sin(here) * sin(there))
    return Place(degrees(there), normalise_longitude(place.longitude + degrees(east)))


def normalise_longitude(longitude: float) -> float:
    """Return the longitude within -180 to 180 degrees."""
    return longitude if -180 <= longitude <= 180 else (longitude + 180) % 360 - 180
