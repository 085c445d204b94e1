"""Tracks for the rules: a phone at rest, a drive, and what both look like as points."""

from collections.abc import Iterable, Sequence
from math import cos, radians

from agents.rules.decision.assessment import NO_PLACE
from agents.rules.decision.decide import Finding, decide
from agents.rules.decision.payment_location import PaymentLocation
from agents.rules.evidence.full_track import FullTrack
from agents.rules.evidence.point_codec import TrackPoint, pack_push, unpack
from agents.rules.geo import HALF_ROUND_EARTH_M
from agents.rules.parameters import DEFAULT, RuleParameters
from schemas.push import Fix, Push
from tests.support.make import HOME, NOON_MS

M_PER_DEG = HALF_ROUND_EARTH_M / 180


def east_of_home(metres: float) -> tuple[float, float]:
    return HOME[0], HOME[1] + metres / (M_PER_DEG * cos(radians(HOME[0])))


def track_point(
    at_ms: int,
    latitude: float,
    longitude: float,
    accuracy_m: float | None = 5.0,
    speed_mps: float | None = 0.0,
    *,
    mock: bool = False,
) -> TrackPoint:
    """Return the point of a fix."""
    fix = Fix(at_ms, latitude, longitude, speed_mps=speed_mps, horizontal_accuracy_m=accuracy_m, mock=mock)
    return unpack(pack_push(Push("phone-1", (fix,))).points)[0]


def point(
    seconds: float,
    metres_east: float = 0.0,
    *,
    accuracy_m: float | None = 5.0,
    speed_mps: float | None = 0.0,
    mock: bool = False,
) -> TrackPoint:
    """Return a point this many seconds after noon, this far east of home."""
    return track_point(NOON_MS + round(seconds * 1000), *east_of_home(metres_east), accuracy_m, speed_mps, mock=mock)


def resting(first_s: int, last_s: int, every_s: int = 1, metres_east: float = 0.0) -> list[TrackPoint]:
    """Return the points of a phone at rest that reports."""
    return [point(second, metres_east) for second in range(first_s, last_s + 1, every_s)]


def driving(first_s: int, last_s: int, speed_mps: float, every_s: int = 1) -> list[TrackPoint]:
    """Return the points of a phone that passes home at noon on its way east."""
    return [point(second, speed_mps * second, speed_mps=speed_mps) for second in range(first_s, last_s + 1, every_s)]


def location(metres_east: float = 0.0, seconds: float = 0.0, uncertainty_m: float | None = None) -> PaymentLocation:
    """Return a payment this far east of home, this many seconds after noon."""
    return PaymentLocation(*east_of_home(metres_east), uncertainty_m, NOON_MS * 1000 + round(seconds * 1_000_000))


def judged(points: Iterable[TrackPoint], at: PaymentLocation | None, preset: RuleParameters = DEFAULT) -> Finding:
    return NO_PLACE.finding if at is None else decide(at, FullTrack(points), preset)


def codes(finding: Finding) -> Sequence[str]:
    return [str(code) for code in finding.codes]
