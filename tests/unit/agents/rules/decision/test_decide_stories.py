"""Decide: a table of stories about a phone and a card."""

import pytest

from agents.rules.decision.payment_location import PaymentLocation
from agents.rules.evidence.point_codec import TrackPoint
from agents.rules.parameters import DEFAULT, PAPER
from schemas.codes.reason import ReasonCode
from schemas.verdict import Outcome
from tests.support.make import HOME, NOON_MS
from tests.support.phone import codes, driving, judged, location, point, resting, track_point

LIVE = resting(-120, 120)
HOUR = 3600

STORIES: list[tuple[str, list[TrackPoint], PaymentLocation | None, str]] = [
    ("beside the phone", LIVE, location(0), "REACHABLE"),
    ("shop coordinates 250 m off", LIVE, location(250), "REACHABLE"),
    ("500 m from a phone that lies still and reports", LIVE, location(500), "UNREACHABLE_BEFORE UNREACHABLE_AFTER"),
    ("500 m away, no report since", resting(-120, 0), location(500), "REACHABLE"),
    ("5 km away, no report since", resting(-120, 0), location(5_000), "UNREACHABLE_BEFORE"),
    ("5 km away, reports only afterwards", resting(1, 120), location(5_000), "UNREACHABLE_AFTER"),
    ("a driver's shop, the terminal 20 s slow", driving(-300, 300, 30), location(600, seconds=0), "REACHABLE"),
    ("a driver's shop, the terminal 20 s fast", driving(-300, 300, 30), location(-600, seconds=0), "REACHABLE"),
    (
        "a driver who will be present in 10 minutes",
        driving(-300, 900, 30),
        location(18_000),
        "UNREACHABLE_BEFORE UNREACHABLE_AFTER",
    ),
    ("out and back in a gap of an hour, 100 km", [point(-1800), point(1800)], location(100_000), "REACHABLE"),
    ("out and back in a gap of an hour, 400 km", [point(-1800), point(1800)], location(400_000), "REACHABLE"),
    (
        "present in time but not back",
        [point(-1800), point(600)],
        location(300_000),
        "UNREACHABLE_AFTER",
    ),
    ("phone off over a flight", [point(-5 * HOUR), point(HOUR, 4_000_000)], location(3_500_000), "REACHABLE"),
    ("no phone", [], location(), "NO_FIX"),
    ("no place", LIVE, None, "NO_PLACE"),
    ("a phone silent for two days", [point(-48 * HOUR)], location(), "NO_FIX"),
    ("a phone silent for eleven hours", [point(-11 * HOUR)], location(9_000_000), "STALE_FIX"),
    ("a payment three hours before the first report of the phone", [point(3 * HOUR)], location(), "REACHABLE"),
    ("a payment eleven hours before the first report of the phone", [point(11 * HOUR)], location(), "NO_FIX"),
    (
        "a phone that alternates between two places",
        two_places := [one for second in range(-300, 300, 10) for one in (point(second), point(second + 5, 90_000))],
        location(45_000),
        "PHONE_UNTRUSTED",
    ),
    ("alternating between two places, the card at one of them", two_places, location(), "REACHABLE"),
    (
        "a report after nine hours from too far away",
        [point(9 * HOUR, 9_000_000)],
        location(-2_000_000),
        "UNREACHABLE_AFTER",
    ),
    ("only mock positions", [point(-1, mock=True)], location(50_000), "PHONE_UNTRUSTED"),
    ("mock positions beside true ones", [point(-1, 90_000, mock=True), *resting(-60, 0)], location(), "REACHABLE"),
    (
        "a cell tower's guess, and the place within it",
        [point(-1, 20_000, accuracy_m=50_000)],
        location(),
        "LOW_ACCURACY",
    ),
    (
        "a cell tower's guess, and the place far beyond it",
        [point(-1, 5_000_000, accuracy_m=50_000)],
        location(),
        "UNREACHABLE_BEFORE",
    ),
    (
        "accuracy unknown, 290 m away",
        resting_vaguely := [point(second, accuracy_m=None) for second in range(-60, 60)],
        location(290),
        "REACHABLE",
    ),
    ("accuracy unknown, 40 km away", resting_vaguely, location(40_000), "UNREACHABLE_BEFORE UNREACHABLE_AFTER"),
    ("one fix 40 km off that claims 10 m", [*LIVE, point(-0.5, 40_000, accuracy_m=4.0)], location(), "REACHABLE"),
    (
        "two in a row 40 km off",
        [*resting(-120, -3), point(-2, 40_000), point(-1, 40_000), *resting(0, 60)],
        location(),
        "REACHABLE",
    ),
    ("the last fix 40 km off", [*resting(-120, -2), point(-1, 40_000)], location(), "REACHABLE"),
    (
        "fixes every two minutes, one of them 40 km off",
        [*resting(-600, 600, 120), point(-60, 40_000)],
        location(),
        "REACHABLE",
    ),
    (
        "a phone that came out of a tunnel 40 km on",
        [point(-1800), *resting(-10, 10, metres_east=40_000)],
        location(40_000),
        "REACHABLE",
    ),
    ("jitter of 100 m within a millisecond", [point(-0.001, 100)], location(), "REACHABLE"),
    ("the same instant, 5,000 km", [point(0, 5_000_000)], location(), "UNREACHABLE_BEFORE"),
    ("a location with a large stated error", LIVE, location(500, uncertainty_m=400), "REACHABLE"),
]


@pytest.mark.parametrize(("points", "at", "expected"), [row[1:] for row in STORIES], ids=[row[0] for row in STORIES])
def test_story(points: list[TrackPoint], at: PaymentLocation | None, expected: str) -> None:
    assert " ".join(codes(judged(points, at))) == expected


def test_a_finding_is_suspect_exactly_with_an_unreachable_code() -> None:
    for _, points, at, expected in STORIES:
        assert (judged(points, at).outcome is Outcome.SUSPECT) == expected.startswith("UNREACHABLE")


def test_a_suspect_finding_rests_on_the_most_constraining_fix() -> None:
    finding = judged([point(-1000), point(-10, 300_000, accuracy_m=200.0), point(-9, 300_000)], location(0))
    assert finding.measurement is not None
    assert (finding.measurement.elapsed_s, finding.before) == (9.0, point(-9, 300_000))


def test_the_numbers_of_a_suspect_show_the_contradiction() -> None:
    measurement = judged(resting(-120, 0), location(5_000, seconds=10)).measurement
    assert measurement is not None
    assert measurement.distance_m == pytest.approx(5_000, rel=1e-3)
    assert measurement.least_distance_m == pytest.approx(5_000 - 90.1, abs=1)
    assert measurement.implied_speed_mps is not None
    assert measurement.allowed_speed_mps is not None
    assert measurement.implied_speed_mps > measurement.allowed_speed_mps


@pytest.mark.parametrize(("metres", "seconds", "present"), [(100, 0, True), (300, 0, False), (100, 31, False)])
def test_a_phone_is_present_when_a_fix_shows_it_at_the_location_in_time(
    metres: int, seconds: int, present: bool
) -> None:
    assert judged([point(seconds)], location(metres)).present is present
    assert not judged([point(seconds, accuracy_m=500.0)], location(metres)).present


def test_a_finding_names_the_time_from_which_it_cannot_change() -> None:
    assert judged(resting(-60, 60), location()).complete_at_ms is None
    resumed_ms, hour_ms = NOON_MS + 61_000, 3_600_000
    assert judged(resting(-60, 90), location()).complete_at_ms == resumed_ms + 900_000 + 2 * hour_ms


def test_a_fix_at_the_time_of_the_payment_has_no_speeds() -> None:
    measurement = judged([point(0, 5_000_000)], location()).measurement
    assert measurement is not None
    assert (measurement.implied_speed_mps, measurement.allowed_speed_mps) == (None, None)


def test_a_finding_is_settled_by_a_fix_after_the_latest_possible_moment() -> None:
    clock_s = int(DEFAULT.clock_uncertainty_s)
    assert not judged(resting(-60, clock_s), location()).settled
    assert judged(resting(-60, clock_s + 1), location()).settled


def test_the_published_rule_uses_the_last_fix_only() -> None:
    points = [point(-60), point(-1, 40_000)]
    assert judged(points, location(), PAPER).outcome is Outcome.SUSPECT
    assert judged([point(-60, 40_000), point(-1)], location(), PAPER).outcome is Outcome.CLEAR


def test_the_published_rule_uses_the_next_fix_without_an_earlier_one() -> None:
    assert judged([point(60, 100)], location(), PAPER).outcome is Outcome.SUSPECT
    assert judged([point(60, 50)], location(), PAPER).outcome is Outcome.CLEAR


def test_null_island_is_reachable_from_itself() -> None:
    """A payment can be at (0, 0). Only fixes present are dropped, before they become points."""
    fix = TrackPoint(NOON_MS, 0, 0, 0, 0, 5.0)
    assert judged([fix], PaymentLocation(0.0, 0.0, None, NOON_MS * 1000)).codes == (ReasonCode.REACHABLE,)


def test_the_short_way_across_the_antimeridian_counts() -> None:
    fix = track_point(NOON_MS - 60_000, HOME[0], 179.9999)
    assert judged([fix], PaymentLocation(HOME[0], -179.9999, None, NOON_MS * 1000)).codes == (ReasonCode.REACHABLE,)
