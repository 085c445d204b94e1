"""Decide: the finding of one payment from one phone."""

import pytest

from agents.rules.decision import decide
from agents.rules.evidence.full_track import FullTrack
from agents.rules.evidence.point_codec import TrackPoint
from agents.rules.parameters import DEFAULT, PAPER
from schemas.codes.reason import ReasonCode
from schemas.verdict import Outcome
from tests.support.make import NOON_MS
from tests.support.phone import judged, location, point, resting

HOUR_S = 3600


class TrackWithoutNoon(FullTrack):
    """A track that no longer keeps points of noon."""

    def dropped_before(self, moment_ms: float) -> bool:
        return moment_ms == NOON_MS


def test_a_payment_older_than_the_track_is_late_and_settled() -> None:
    finding = decide.decide(location(), TrackWithoutNoon([]), DEFAULT)
    assert (finding.outcome, finding.codes) == (Outcome.NOT_EVALUABLE, (ReasonCode.LATE_PAYMENT,))
    assert finding.settled
    assert decide.decide(location(), TrackWithoutNoon([point(-1)]), DEFAULT).codes == (ReasonCode.REACHABLE,)


def test_the_published_rule_accepts_a_last_fix_of_any_age() -> None:
    assert judged([point(-60, 200), point(-1)], location(), PAPER).outcome is Outcome.CLEAR
    assert judged([point(-48 * HOUR_S)], location(), PAPER).outcome is Outcome.CLEAR


MAIN = resting(-840, 840, 120)
OTHER = [point(second, 900_000, accuracy_m=4.0) for second in (-900, -630, -390)]
LONG_AGO = [point(second, 900_000, accuracy_m=4.0) for second in (-1500, -2100, -2700, -3300, -3900)]

TWO_TRACKS: list[tuple[str, list[TrackPoint], str]] = [
    ("three beside fifteen, the first a quarter of an hour before", [*MAIN, *OTHER], "PHONE_UNTRUSTED"),
    ("two beside fifteen", [*MAIN, *OTHER[:2]], "UNREACHABLE_BEFORE UNREACHABLE_AFTER"),
    ("three beside twenty-nine", [*resting(-840, 840, 60), *OTHER], "UNREACHABLE_BEFORE UNREACHABLE_AFTER"),
    ("five, but half an hour ago", [*MAIN, *LONG_AGO], "UNREACHABLE_BEFORE UNREACHABLE_AFTER"),
]


@pytest.mark.parametrize(("points", "expected"), [row[1:] for row in TWO_TRACKS], ids=[row[0] for row in TWO_TRACKS])
def test_a_second_track_needs_three_points_a_fifth_of_the_first_nearby(points: list[TrackPoint], expected: str) -> None:
    assert " ".join(judged(points, location(45_000)).codes) == expected


def test_a_clear_finding_rests_on_the_fix_nearest_in_time() -> None:
    finding = judged([point(-20), point(-10), point(12, 300), point(20, 300)], location())
    assert (finding.outcome, finding.before, finding.after) == (Outcome.CLEAR, point(-10), point(12, 300))
    assert finding.measurement is not None
    assert (finding.measurement.is_before, finding.measurement.elapsed_s) == (True, 10.0)
    later = judged([point(-12), point(10, 300)], location()).measurement
    assert later is not None
    assert (later.is_before, later.elapsed_s) == (False, 10.0)


def test_a_suspect_finding_prefers_the_constraining_fix_to_a_nearer_vague_one() -> None:
    finding = judged([point(-5, 5_000), point(-2, 5_000, accuracy_m=1_500.0)], location())
    assert (finding.outcome, finding.before) == (Outcome.SUSPECT, point(-5, 5_000))
    assert finding.measurement is not None
    assert finding.measurement.elapsed_s == 5.0


def test_a_side_without_contradiction_names_its_most_constraining_fix() -> None:
    """A fix 5 km away after 700 s, 62 s of them for travel, constrains more than one at the location after 900 s."""
    finding = judged([point(-10, 20_000), point(700, 5_000), point(900)], location())
    assert finding.codes == (ReasonCode.UNREACHABLE_BEFORE,)
    assert finding.after == point(700, 5_000)


def test_the_measurement_is_of_the_more_constraining_side() -> None:
    nearer_before = judged([point(-5, 9_000), point(20, 9_000)], location()).measurement
    nearer_after = judged([point(-20, 9_000), point(5, 9_000)], location()).measurement
    assert nearer_before is not None
    assert nearer_after is not None
    assert (nearer_before.is_before, nearer_after.is_before) == (True, False)


def test_a_finding_counts_rejected_points() -> None:
    assert judged([*resting(-60, -2), point(-1, 40_000), *resting(0, 60)], location()).rejected_points == 1
    assert judged(resting(-60, 60), location()).rejected_points == 0
    assert judged([], location()).rejected_points == 0


def test_a_finding_without_evidence_is_not_settled() -> None:
    finding = judged([], location())
    assert (finding.settled, finding.present, finding.complete_at_ms) == (False, False, None)


def test_one_exact_fix_among_vague_ones_clears_a_payment() -> None:
    assert judged([point(-10), point(-1, accuracy_m=5_000.0)], location()).codes == (ReasonCode.REACHABLE,)
    assert judged([point(-10, accuracy_m=5_000.0), point(1)], location()).codes == (ReasonCode.REACHABLE,)


@pytest.mark.parametrize(
    ("seconds", "present"), [(-30.001, False), (-30, True), (-20, True), (20, True), (30, True), (30.001, False)]
)
def test_presence_holds_for_every_possible_moment_of_the_payment(seconds: float, present: bool) -> None:
    assert judged([point(seconds)], location()).present is present


def test_presence_needs_a_fix_as_exact_as_the_location() -> None:
    assert judged([point(0, accuracy_m=DEFAULT.place_uncertainty_m)], location()).present
    assert not judged([point(0, accuracy_m=DEFAULT.place_uncertainty_m + 1)], location()).present


def test_speeds_are_averages_over_the_elapsed_time() -> None:
    measurement = decide.Measurement(True, 600.0, 500.0, 0.5, 250.0, None)
    assert (measurement.implied_speed_mps, measurement.allowed_speed_mps) == (1_000.0, 500.0)
    without_elapsed_time = measurement._replace(elapsed_s=0.0)
    assert (without_elapsed_time.implied_speed_mps, without_elapsed_time.allowed_speed_mps) == (None, None)


def test_a_fix_at_the_time_of_the_payment_counts_as_before_it() -> None:
    for off_us, is_before in ((0, True), (1, True), (-1, False)):
        finding = judged([point(0)], location()._replace(at_us=NOON_MS * 1000 + off_us))
        assert finding.measurement is not None
        assert (finding.measurement.is_before, finding.before is not None) == (is_before, is_before)


def test_the_reach_includes_the_speed_of_the_fix_and_the_clock_error() -> None:
    measurement = judged([point(-10, speed_mps=4.0)], location()).measurement
    assert measurement is not None
    assert measurement.reach_m == pytest.approx(5.0 * 40 + 1.25 * 40**2)
    assert measurement.reported_speed_mps == 4.0
