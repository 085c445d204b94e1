"""The rules at their edges: what a change of one sign, one comparison or one number would go unnoticed without."""

from hashlib import blake2b
from typing import Any

import msgspec
import pytest

from agents.rules import buckets, decide, episode, geo, history, risk, track, verdict
from agents.rules.alibi import GRANTED, RINGS, Claim, claims, impossible
from agents.rules.answer import NOWHERE, Answer, Context, Entry, contexts, standing
from agents.rules.archive import Archive
from agents.rules.belief import DETOUR_MPS, LOOKBACK
from agents.rules.card import Conflict, Standing, Use, conflicts
from agents.rules.digest import digest
from agents.rules.episode import Episode, Suspect, episodes
from agents.rules.mask import REMOVED, Key, Masker
from agents.rules.preset import DEFAULT, PAPER, Preset
from agents.rules.reach import reach_m, time_to_cover_s
from agents.rules.reason import metres, sentence
from agents.rules.risk import Weight, weigh, weigh_amount
from agents.rules.spot import Spot
from agents.rules.track import TrackPoint, at_ms_of_first, pack, pack_push, unpack
from schemas.fault import Fault
from schemas.payment import Payment, parse_payment
from schemas.push import Fix, Push
from schemas.reason import ReasonCode
from schemas.verdict import MaskedPayment, Outcome, Place, RiskParts, Status, Verdict
from tests.support import make as record
from tests.support.batch import POLICY
from tests.support.make import HOME, NOON_MS
from tests.support.phone import driving, judged, point, resting, spot, track_point

HOUR_S = 3600

NUMBERS: list[tuple[str, object, object]] = [
    ("99.7 % of the errors of a position", DEFAULT.sigmas, 3.0),
    ("shops are up to 250 m off, three sigmas are 270", DEFAULT.place_uncertainty_m, 90.0),
    ("ten times a good receiver's error where it is not said", DEFAULT.unknown_accuracy_m, 40.0),
    ("tills are up to 20 s off, and half as much again", DEFAULT.clock_uncertainty_s, 30.0),
    ("above the receivers' median error of speed", DEFAULT.speed_margin_mps, 1.0),
    ("a fast train, where the speed is not said", DEFAULT.unknown_speed_mps, 83.0),
    ("positions of networks say no speed that was measured", DEFAULT.speed_unmeasured_from_m, 100.0),
    ("the generous traveller's gain", DEFAULT.gain_mps2, 2.5),
    ("1,000 km/h", DEFAULT.top_speed_mps, 278.0),
    ("a cell tower's guess", DEFAULT.vague_from_m, 2000.0),
    ("the default rule looks at all fixes", DEFAULT.last_fix_only, False),
    ("the published rule grants speed a margin", PAPER.speed_margin_mps, 1.0),
    (
        "the published rule grants nothing else",
        (PAPER.sigmas, PAPER.place_uncertainty_m, PAPER.unknown_accuracy_m),
        (0,) * 3,
    ),
    (
        "nor a clock, nor an unknown speed, nor a gain",
        (PAPER.clock_uncertainty_s, PAPER.unknown_speed_mps, PAPER.gain_mps2),
        (0,) * 3,
    ),
    ("nobody turns round at over 250 km/h", DETOUR_MPS, 70.0),
    ("a row of wrong fixes that is bridged", LOOKBACK, 32),
    ("an airliner comes half round the Earth in twice that", history.EVIDENCE_S, 10 * HOUR_S),
    ("so long nothing is known of a phone", history.STALE_S, 20 * HOUR_S),
    ("more than any till's clock is off", history.HEARD_AFTER_S, 60),
    ("what a phone says afterwards shows whether it was right", history.FOLLOWED_S, 900),
    ("a push and a payment may be an hour late", history.LATENESS_S, HOUR_S),
    (
        "a second near the payment, an hour far from it",
        [tuple(tier) for tier in history.EVIDENCE_TIERS],
        [(60, 1), (180, 10), (900, 60), (7_200, 600), (36_000, 3_600)],
    ),
    (
        "the same for any payment an hour late, and a minute for hearing of the phone",
        [tuple(tier) for tier in history.KEPT_TIERS],
        [(3_720, 1), (3_840, 10), (4_560, 60), (10_860, 600), (75_660, 3_600)],
    ),
    ("each bucket is made of whole smaller ones", buckets.BUCKETS_S, (1, 10, 60, 600, 3_600)),
    ("a phone contradicts itself within a quarter of an hour", decide.CONTRADICTION_WITHIN_S, 900),
    ("three that agree are no single errors", decide.SECOND_TRACK_POINTS, 3),
    ("a fifth as many are not few", decide.SECOND_TRACK_SHARE, 0.2),
    ("faster than any airliner over ground", track.SPEED_MAX_MPS, 350.0),
    ("a position of a network, not of satellites", track.POOR_FROM_M, 100.0),
    ("five minutes ahead is a wrong clock", track.FUTURE_MS, 300_000),
    ("a point is small", track.POINT_BYTES, 24),
    ("a centimetre of place", track.PER_DEGREE, 10_000_000),
    ("half an hour of peace ends an episode", episode.COOL_DOWN_S, 1_800),
    ("published places are a kilometre coarse", verdict.COARSE_DECIMALS, 2),
    ("a degree at the poles, rounded up", geo.M_PER_DEG_MAX, 111_700.0),
    (
        "the parts of a risk sum up to 100",
        risk.CONTRADICTION_MAX + risk.EVIDENCE_MAX + risk.AMOUNT_MAX + risk.REPETITION_MAX,
        100,
    ),
    ("a contradiction weighs half of it", risk.CONTRADICTION_MAX, 50),
]


@pytest.mark.parametrize(("number", "stated"), [row[1:] for row in NUMBERS], ids=[row[0] for row in NUMBERS])
def test_a_number_of_the_rule_is_the_one_that_was_decided_on(number: object, stated: object) -> None:
    assert number == stated


# -- alibi


def test_rings_go_from_the_stated_moment_to_all_that_is_granted_the_clock() -> None:
    assert (RINGS[0], RINGS[-1]) == (0.0, 1.0)
    assert list(RINGS) == sorted(set(RINGS))
    assert pytest.approx([(1 - inner**4) ** 0.5 for inner in RINGS[:-1]]) == GRANTED


TOGETHER: list[tuple[str, list[TrackPoint], bool]] = [
    ("a way of 75 s, only a minute before", [point(-60, 7_200)], False),
    ("a way of 75 s, only a minute after", [point(60, 7_200)], False),
    ("a way of 75 s, a minute before and a minute after", [point(-60, 7_200), point(60, 7_200)], True),
    ("a way of 55 s, a minute before and a minute after", [point(-60, 4_000), point(60, 4_000)], False),
    ("a way of 40 s from a fix at the very moment", [point(0, 2_200)], True),
]


@pytest.mark.parametrize(("points", "ruled_out"), [row[1:] for row in TOGETHER], ids=[row[0] for row in TOGETHER])
def test_fixes_on_both_sides_rule_out_together_what_neither_does_alone(
    points: list[TrackPoint], ruled_out: bool
) -> None:
    assert impossible(list(claims(points, spot(), DEFAULT)), spot(), DEFAULT) is ruled_out


def test_a_place_that_only_both_sides_rule_out_has_both_codes() -> None:
    finding = judged([point(-60, 7_200), point(60, 7_200)], spot())
    assert finding.codes == (ReasonCode.UNREACHABLE_BEFORE, ReasonCode.UNREACHABLE_AFTER)
    assert finding.before == point(-60, 7_200)
    assert finding.after == point(60, 7_200)


@pytest.mark.parametrize(("after_s", "ruled_out"), [(94, True), (95.9, True), (96, False), (97, False)])
def test_within_a_ring_what_two_fixes_rule_out_must_meet(after_s: float, ruled_out: bool) -> None:
    """With nothing granted but the clock: a way of 78 s, a minute before, ends 18 s after the payment."""
    apart_m = reach_m(1.0, 78, DEFAULT)
    both = [Claim(-60_000_000, apart_m, 0.0, 1.0), Claim(round(after_s * 1e6), apart_m, 0.0, 1.0)]
    assert impossible(both, Spot(*HOME, 0.0, 0), DEFAULT) is ruled_out


def test_a_fix_beyond_what_is_granted_when_the_clock_is_off_most_speaks_and_a_nearer_one_does_not() -> None:
    assert list(claims([point(0, 150)], spot(), DEFAULT))
    assert not list(claims([point(0, 115)], spot(), DEFAULT))


@pytest.mark.parametrize("off_s", [-31.5, -28.8, 0.0, 28.8, 31.5])
def test_a_till_may_be_off_by_up_to_30_seconds_either_way(off_s: float) -> None:
    """The phone passes an exactly known place at 50 m/s: it was there for a second alone."""
    track_by = driving(-120, 120, 50)
    at = spot(50 * off_s, 0, uncertainty_m=0.0)
    assert impossible(list(claims(track_by, at, DEFAULT)), at, DEFAULT) is (abs(off_s) > 30)


@pytest.mark.parametrize("seconds", [-10, 10])
def test_a_place_that_is_reached_at_the_last_moment_is_not_ruled_out(seconds: int) -> None:
    """Ten metres at a metre a second, with nothing granted: ten seconds are enough, and less are not."""
    at = Spot(*HOME, None, 0)
    assert not impossible([Claim(seconds * 1_000_000, 10.0, 5.0, 1.0)], at, PAPER)
    assert impossible([Claim(seconds * 999_999, 10.0, 5.0, 1.0)], at, PAPER)


# -- decide


class Forgetful(Archive):
    """A track of which what was known of the moment is gone."""

    def forgot(self, moment_ms: float) -> bool:
        return moment_ms == NOON_MS


def test_a_payment_of_which_the_track_is_forgotten_came_too_late_and_waits_for_nothing() -> None:
    finding = decide.decide(spot(), Forgetful([]), DEFAULT)
    assert (finding.outcome, finding.codes) == (Outcome.NOT_EVALUABLE, (ReasonCode.LATE_PAYMENT,))
    assert finding.settled
    assert decide.decide(spot(), Forgetful([point(-1)]), DEFAULT).codes == (ReasonCode.REACHABLE,)


def test_the_published_rule_asks_no_fix_but_the_last_however_old() -> None:
    assert judged([point(-60, 200), point(-1)], spot(), PAPER).outcome is Outcome.CLEAR
    assert judged([point(-48 * HOUR_S)], spot(), PAPER).outcome is Outcome.CLEAR


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
def test_a_second_track_is_three_fixes_a_fifth_of_the_first_and_near(points: list[TrackPoint], expected: str) -> None:
    assert " ".join(judged(points, spot(45_000)).codes) == expected


def test_what_is_clear_rests_on_the_fix_nearest_in_time() -> None:
    finding = judged([point(-20), point(-10), point(12, 300), point(20, 300)], spot())
    assert (finding.outcome, finding.before, finding.after) == (Outcome.CLEAR, point(-10), point(12, 300))
    assert finding.measure is not None
    assert (finding.measure.is_before, finding.measure.elapsed_s) == (True, 10.0)
    later = judged([point(-12), point(10, 300)], spot()).measure
    assert later is not None
    assert (later.is_before, later.elapsed_s) == (False, 10.0)


def test_what_is_suspect_rests_on_the_fix_that_contradicts_most_though_a_vague_one_is_nearer() -> None:
    finding = judged([point(-5, 5_000), point(-2, 5_000, accuracy_m=1_500.0)], spot())
    assert (finding.outcome, finding.before) == (Outcome.SUSPECT, point(-5, 5_000))
    assert finding.measure is not None
    assert finding.measure.elapsed_s == 5.0


def test_of_both_sides_the_one_that_contradicts_more_is_measured() -> None:
    nearer_before = judged([point(-5, 9_000), point(20, 9_000)], spot()).measure
    nearer_after = judged([point(-20, 9_000), point(5, 9_000)], spot()).measure
    assert nearer_before is not None
    assert nearer_after is not None
    assert (nearer_before.is_before, nearer_after.is_before) == (True, False)


def test_a_finding_counts_the_fixes_that_are_not_believed() -> None:
    assert judged([*resting(-60, -2), point(-1, 40_000), *resting(0, 60)], spot()).quarantined == 1
    assert judged(resting(-60, 60), spot()).quarantined == 0
    assert judged([], spot()).quarantined == 0


def test_a_payment_of_which_nothing_is_known_may_yet_be_judged() -> None:
    nothing = judged([], spot())
    assert (nothing.settled, nothing.present, nothing.complete_at_ms) == (False, False, None)


def test_one_exact_fix_among_vague_ones_is_enough_to_clear() -> None:
    assert judged([point(-10), point(-1, accuracy_m=5_000.0)], spot()).codes == (ReasonCode.REACHABLE,)
    assert judged([point(-10, accuracy_m=5_000.0), point(1)], spot()).codes == (ReasonCode.REACHABLE,)


@pytest.mark.parametrize(
    ("seconds", "there"), [(-30.001, False), (-30, True), (-20, True), (20, True), (30, True), (30.001, False)]
)
def test_a_phone_is_present_at_any_moment_at_which_the_payment_may_have_happened(seconds: float, there: bool) -> None:
    assert judged([point(seconds)], spot()).present is there


def test_a_fix_as_exact_as_places_are_shows_the_phone_there_and_a_vaguer_one_does_not() -> None:
    assert judged([point(0, accuracy_m=DEFAULT.place_uncertainty_m)], spot()).present
    assert not judged([point(0, accuracy_m=DEFAULT.place_uncertainty_m + 1)], spot()).present


# -- card


def use(name: str, metres_east: float, seconds: float, standing: Standing = Standing.OPEN, **at: Any) -> Use:
    return Use(name.encode(), b"card", spot(metres_east, seconds, **at), standing)


def test_a_conflict_says_what_was_granted_to_places_and_clocks() -> None:
    """83 + 1 m/s at the start, 60 s between and twice 30 s for the clocks; three sigmas of both places."""
    found = conflicts([use("a", 0, 0), use("b", 200_000, 60, uncertainty_m=120.0)], DEFAULT)[b"b"]
    gaining_s = (278.0 - 84.0) / 2.5
    assert found.reach_m == pytest.approx(84 * gaining_s + 1.25 * gaining_s**2 + 278 * (120 - gaining_s))
    assert found.distance_m - found.least_distance_m == pytest.approx(3 * 150.0)


def test_payments_of_ten_hours_ago_are_compared_and_none_older() -> None:
    assert conflicts([use("a", 0, 0), use("b", 15_000_000, 36_000)], DEFAULT)
    assert not conflicts([use("a", 0, 0), use("b", 15_000_000, 36_000.000001)], DEFAULT)


def test_of_several_earlier_payments_the_nearest_that_rules_it_out_is_named() -> None:
    found = conflicts([use("a", 0, 0), use("b", 100, 10), use("c", 400_000, 60)], DEFAULT)
    assert found[b"c"].other.id == b"b"


def test_a_vague_payment_in_between_does_not_hide_an_earlier_one() -> None:
    found = conflicts([use("a", 0, 0), use("b", 0, 10, uncertainty_m=200_000.0), use("c", 400_000, 60)], DEFAULT)
    assert found[b"c"].other.id == b"a"


def test_standings_are_kept_in_cells_as_these_numbers() -> None:
    assert (int(Standing.OPEN), int(Standing.PRESENT), int(Standing.ABSENT)) == (0, 1, 2)


def test_payments_of_one_moment_count_in_order_of_their_ids() -> None:
    for uses in ([use("a", 0, 0), use("b", 50_000, 0)], [use("b", 50_000, 0), use("a", 0, 0)]):
        assert list(conflicts(uses, DEFAULT)) == [b"b"]


# -- answer


def entry(name: str, metres_east: float, seconds: float, standing: Standing, weight: Weight) -> Entry:
    return Entry(name.encode(), b"card", spot(metres_east, seconds), standing, weight)


NO_WEIGHT = Weight(0, 0, 0)


def test_payments_of_which_none_is_suspect_say_nothing_of_each_other() -> None:
    for standings in ([Standing.OPEN], [Standing.PRESENT], [Standing.OPEN, Standing.PRESENT], [Standing.OPEN] * 2):
        entries = [entry(str(number), 0, number, one, NO_WEIGHT) for number, one in enumerate(standings)]
        assert contexts(entries, DEFAULT) == {one.id: Context() for one in entries}
    assert contexts([], DEFAULT) == {}


def test_a_payment_without_a_place_is_answered_for_good_and_weighs_nothing() -> None:
    assert NOWHERE.finding.settled
    assert (NOWHERE.context, NOWHERE.weight, NOWHERE.risk) == (Context(), NO_WEIGHT, None)


def test_one_suspect_alone_is_an_episode() -> None:
    weight = Weight(20, 10, 5)
    assert contexts([entry("a", 0, 0, Standing.ABSENT, weight)], DEFAULT) == {b"a": Context(None, Episode(b"a", 1, 35))}


def test_a_suspect_by_its_phone_and_one_by_another_payment_make_an_episode() -> None:
    found = contexts(
        [
            entry("a", 0, 0, Standing.PRESENT, NO_WEIGHT),
            entry("b", 400_000, 60, Standing.OPEN, NO_WEIGHT),
            entry("c", 400_000, 90, Standing.ABSENT, Weight(10, 10, 0)),
            entry("d", 0, 120, Standing.PRESENT, NO_WEIGHT),
        ],
        DEFAULT,
    )
    assert (found[b"a"], found[b"d"]) == (Context(), Context())
    assert found[b"b"].conflict is not None
    assert found[b"b"].conflict.other.id == b"a"
    assert [(found[name].episode or Episode(b"", 0, 0)).number for name in (b"b", b"c")] == [1, 2]


def test_an_answer_is_that_of_the_phone_unless_another_payment_rules_it_out() -> None:
    clear = judged([point(-1)], spot())
    conflict = Conflict(use("a", 0, 0), 400_000.0, 399_000.0, 60.0, 20_000.0)
    alone = Answer(clear, Context(), Weight(0, 0, 7))
    assert (alone.outcome, alone.codes, alone.risk) == (Outcome.CLEAR, clear.codes, None)
    against = Answer(clear, Context(conflict, Episode(b"b", 2, 60)), Weight(0, 0, 7))
    assert (against.outcome, against.codes) == (Outcome.SUSPECT, (ReasonCode.CARD_VELOCITY, ReasonCode.REACHABLE))
    assert against.risk is not None
    assert against.risk._asdict() == {"contradiction": 47, "evidence": 10, "amount": 7, "repetition": 5}


def test_a_standing_is_what_the_phone_says() -> None:
    assert standing(judged(resting(-60, 60), spot(5_000))) is Standing.ABSENT
    assert standing(judged([point(-1)], spot())) is Standing.PRESENT
    assert standing(judged([], spot())) is Standing.OPEN


def test_a_digest_has_eight_bytes_since_cells_are_read_with_every_push() -> None:
    assert digest("tx-1") == blake2b(b"tx-1", digest_size=8).digest()


# -- risk and episode


@pytest.mark.parametrize(
    ("amount", "weight"), [("0", 0), ("0.00", 0), ("9", 5), ("99", 10), ("999.00", 15), ("9999.00", 20), ("1e9", 20)]
)
def test_an_amount_weighs_by_its_order_of_magnitude(amount: str, weight: int) -> None:
    assert weigh_amount(amount) == weight


@pytest.mark.parametrize(
    ("least_m", "reach_m", "contradiction"),
    [(900.0, 1_000.0, 10), (1_000.0, 1_000.0, 10), (1_100.0, 1_000.0, 10), (2_000.0, 1_000.0, 25), (10.0, 0.0, 45)],
)
def test_a_contradiction_weighs_by_its_factor(least_m: float, reach_m: float, contradiction: int) -> None:
    conflict = Conflict(use("a", 0, 0), least_m, least_m, 60.0, reach_m)
    assert NO_WEIGHT.joined_by(conflict) == Weight(contradiction, 10, 0)


@pytest.mark.parametrize(
    ("codes", "evidence"),
    [
        ((ReasonCode.UNREACHABLE_BEFORE,), 10),
        ((ReasonCode.UNREACHABLE_AFTER,), 10),
        ((ReasonCode.UNREACHABLE_BEFORE, ReasonCode.UNREACHABLE_AFTER), 20),
    ],
)
def test_each_side_that_rules_a_place_out_is_a_witness(codes: tuple[ReasonCode, ...], evidence: int) -> None:
    finding = judged(resting(-60, 60), spot(900_000))._replace(codes=codes)
    assert weigh(finding, 3) == Weight(50, evidence, 3)
    assert weigh(finding._replace(measure=None), 3) == Weight(0, 0, 3)
    assert weigh(finding._replace(outcome=Outcome.NOT_EVALUABLE), 3) == Weight(0, 0, 3)


def test_suspects_of_one_moment_count_in_order_of_their_ids() -> None:
    suspects = [Suspect(name, 0, Weight(20, 0, 0)) for name in (b"b", b"a", b"c")]
    assert {name: (one.first, one.number, one.severity) for name, one in episodes(suspects).items()} == {
        b"a": (b"a", 1, 20),
        b"b": (b"a", 2, 25),
        b"c": (b"a", 3, 30),
    }


def test_an_episode_ends_a_microsecond_after_half_an_hour() -> None:
    found = episodes([Suspect(b"a", 0, NO_WEIGHT), Suspect(b"b", 1_800_000_001, NO_WEIGHT)])
    assert found[b"b"] == Episode(b"b", 1, 0)
    found = episodes([Suspect(b"a", 0, NO_WEIGHT), Suspect(b"b", 1_800_000_000, NO_WEIGHT)])
    assert found[b"b"] == Episode(b"a", 2, 5)


# -- track


def packed(**changes: Any) -> TrackPoint:
    fields: dict[str, Any] = {"at_ms": NOON_MS, "latitude": 1.0, "longitude": 2.0}
    return unpack(pack_push(Push("phone-1", (Fix(**fields | changes),))).points)[0]


@pytest.mark.parametrize(
    ("speed_mps", "known_mps"), [(-0.01, None), (0.0, 0.0), (1.234, 1.23), (350.0, 350.0), (350.01, None), (None, None)]
)
def test_a_speed_is_packed_in_centimetres_a_second_when_it_can_be_true(
    speed_mps: float | None, known_mps: float | None
) -> None:
    assert packed(speed_mps=speed_mps).speed_mps == known_mps


@pytest.mark.parametrize(
    ("accuracy_m", "known_m"), [(-0.5, None), (0.0, None), (0.5, 0.5), (1.5, 1.5), (3e38, 3e38), (3.1e38, None)]
)
def test_an_accuracy_is_packed_when_it_can_be_true(accuracy_m: float, known_m: float | None) -> None:
    found = packed(horizontal_accuracy_m=accuracy_m).accuracy_m
    assert found == (None if known_m is None else pytest.approx(known_m, rel=1e-6))


def test_an_unknown_speed_is_kept_as_the_number_that_rows_already_have() -> None:
    assert packed(speed_mps=None).speed_cmps == 0xFFFF


def test_a_made_up_position_is_marked() -> None:
    assert packed(mock=True).mock is True
    assert packed(mock=False).mock is False
    assert packed(mock=True).flags == 1


@pytest.mark.parametrize(("latitude", "longitude", "fixes"), [(0, 0, 0), (0, 1e-6, 1), (1e-6, 0, 1)])
def test_null_island_is_one_point(latitude: float, longitude: float, fixes: int) -> None:
    assert len(unpack(pack_push(Push("phone-1", (Fix(NOON_MS, latitude, longitude),))).points)) == fixes


def test_the_future_begins_five_minutes_after_a_push_was_received_and_without_that_when_it_was_taken() -> None:
    fixes = tuple(Fix(NOON_MS + ahead_ms, 1.0, 2.0) for ahead_ms in (0, 300_000, 300_001, 600_000, 600_001))

    def ahead_ms(received_at_ms: int | None, taken_at_ms: int | None) -> int:
        push = Push("phone-1", fixes, received_at_ms=received_at_ms)
        return unpack(pack_push(push, taken_at_ms).points)[-1].at_ms - NOON_MS

    assert ahead_ms(NOON_MS, None) == 300_000
    assert ahead_ms(NOON_MS, NOON_MS + 300_000) == 300_000
    assert ahead_ms(None, NOON_MS + 300_000) == 600_000
    assert ahead_ms(None, None) == 600_001


FAULTS: list[tuple[str, dict[str, Any], list[Fault]]] = [
    ("none", {"speed_mps": 350.0, "horizontal_accuracy_m": 99.9}, []),
    ("no speed is no fault", {"speed_mps": None, "horizontal_accuracy_m": 5.0}, []),
    ("nor is a negative one", {"speed_mps": -1.0, "horizontal_accuracy_m": 5.0}, []),
    ("too fast", {"speed_mps": 350.1, "horizontal_accuracy_m": 5.0}, [Fault.SPEED_IMPOSSIBLE]),
    ("accuracy not said", {"horizontal_accuracy_m": None}, [Fault.ACCURACY_UNKNOWN]),
    ("accuracy of zero", {"horizontal_accuracy_m": 0.0}, [Fault.ACCURACY_UNKNOWN]),
    ("accuracy beyond what can be kept", {"horizontal_accuracy_m": 3.1e38}, [Fault.ACCURACY_UNKNOWN]),
    ("accuracy of a network", {"horizontal_accuracy_m": 100.0}, [Fault.ACCURACY_POOR]),
    ("made up", {"horizontal_accuracy_m": 5.0, "mock": True}, [Fault.MOCK]),
    ("null island", {"latitude": 0.0, "longitude": 0.0}, [Fault.NULL_ISLAND]),
    ("the future", {"at_ms": NOON_MS + 300_001}, [Fault.FUTURE]),
]


@pytest.mark.parametrize(("changes", "faults"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_what_is_wrong_with_a_fix_is_said(changes: dict[str, Any], faults: list[Fault]) -> None:
    fields: dict[str, Any] = {"at_ms": NOON_MS, "latitude": 1.0, "longitude": 2.0}
    push = Push("phone-1", (Fix(**fields | changes),), received_at_ms=NOON_MS)
    assert pack_push(push).faults == faults


def test_the_moment_of_the_first_point_is_read_without_unpacking_it() -> None:
    assert at_ms_of_first(pack([point(-1), point(2), point(5)])) == NOON_MS - 1000
    assert at_ms_of_first(b"") is None
    assert at_ms_of_first(pack([point(0)._replace(at_ms=-5)])) == -5


def test_the_moments_of_a_push_are_those_of_its_usable_fixes() -> None:
    moments = [NOON_MS, NOON_MS - 1000, NOON_MS + track.FUTURE_MS + 1]
    push = Push("phone-1", tuple(Fix(moment, *HOME) for moment in moments), received_at_ms=NOON_MS)
    assert pack_push(push).moments_ms == moments[:2]


# -- reason


@pytest.mark.parametrize(
    ("distance_m", "written"),
    [(999.4, "999 m"), (1_000, "1.0 km"), (99_940, "99.9 km"), (100_000, "100 km"), (2_500_400, "2500 km")],
)
def test_a_distance_is_written_in_the_unit_it_is_at_least_one_of(distance_m: float, written: str) -> None:
    assert metres(distance_m) == written


@pytest.mark.parametrize(
    ("seconds", "when"),
    [
        (-0.9, "at the time of the payment"),
        (0.9, "at the time of the payment"),
        (-1, "1 s before the payment"),
        (1, "1 s after the payment"),
        (-119, "119 s before the payment"),
        (-120, "2 min before the payment"),
        (-7_199, "120 min before the payment"),
        (-7_200, "2.0 h before the payment"),
        (9_000, "2.5 h after the payment"),
    ],
)
def test_a_time_is_written_in_the_unit_it_is_at_least_two_of(seconds: float, when: str) -> None:
    said = sentence(Answer(judged([point(seconds, 50)], spot()), Context(), NO_WEIGHT))
    assert said == f"The phone was 50 m from the place {when}; the holder could have been there."


def test_a_phone_that_contradicts_by_itself_is_what_is_told_also_where_a_card_does_too() -> None:
    conflict = Conflict(use("a", 0, 0), 400_000.0, 399_000.0, 60.0, 20_000.0)
    suspect = judged(resting(-120, 0), spot(500_000))
    said = sentence(Answer(suspect, Context(conflict), NO_WEIGHT))
    assert said.startswith(
        "The phone was 500 km from the place at the time of the payment; the holder could have covered"
    )


def test_a_finding_that_decides_nothing_is_not_told_in_numbers() -> None:
    vague = judged([point(-1, accuracy_m=9_000.0)], spot())
    assert vague.measure is not None
    assert sentence(Answer(vague, Context(), NO_WEIGHT)).startswith("Not evaluable: ")


def test_a_suspicion_is_of_both_sides_up_to_exactly_what_could_have_been_covered() -> None:
    suspect = judged([point(600, 500_000)], spot())
    assert suspect.measure is not None
    for least_m, told in ((suspect.measure.reach_m, "not enough time"), (suspect.measure.reach_m + 1, "at most")):
        finding = suspect._replace(measure=suspect.measure._replace(least_distance_m=least_m))
        assert told in sentence(Answer(finding, Context(), NO_WEIGHT))


# -- verdict


def payment_of_noon() -> MaskedPayment:
    return MaskedPayment(**{name: getattr(record.verdict(), name) for name in MaskedPayment.__struct_fields__})


def published(answer: Answer, preset: Preset = DEFAULT) -> Verdict:
    return verdict.compose(payment_of_noon(), answer, verdict.rule_of(preset), Status.FINAL, 3)


def test_a_verdict_names_the_rule_and_its_numbers() -> None:
    rule = verdict.rule_of(PAPER)
    assert (rule.name, rule.preset) == ("card-against-phone", "paper")
    assert "name" not in rule.parameters
    assert "last_fix_only" not in rule.parameters
    assert (rule.parameters["sigmas"], rule.parameters["top_speed_mps"], rule.parameters["vague_from_m"]) == (
        0,
        None,
        None,
    )
    assert verdict.rule_of(DEFAULT).parameters["top_speed_mps"] == 278.0


def test_numbers_are_rounded_to_what_they_can_mean_and_places_of_the_phone_to_a_kilometre() -> None:
    fix = track_point(NOON_MS - 7_000, 12.3456789, -0.001, accuracy_m=8.26, speed_mps=1.234)
    finding = decide.decide(Spot(12.35, 0.0, None, NOON_MS * 1000), Archive([fix]), DEFAULT)
    measure = decide.Measure(True, 1.23456, 0.98765, 7.0000124, 3.33333, 1.23)
    shown = published(Answer(finding._replace(measure=measure), Context(), NO_WEIGHT))
    assert (shown.distance_m, shown.least_distance_m, shown.elapsed_s) == (1.23, 0.99, 7.000012)
    assert (shown.implied_speed_mps, shown.allowed_speed_mps, shown.reported_speed_mps) == (0.141, 0.476, 1.23)
    assert shown.fix_before is not None
    assert msgspec.structs.asdict(shown.fix_before) == {
        "at": "2026-11-21T11:59:53.000Z",
        "horizontal_accuracy_m": 8.3,
        "speed_mps": 1.23,
        "latitude": 12.35,
        "longitude": 0.0,
    }
    assert str(shown.fix_before.longitude) == "0.0"
    assert (shown.fix_after, shown.other_payment, shown.status, shown.revision) == (None, None, Status.FINAL, 3)


def test_neither_coordinate_of_a_fix_is_a_negative_zero() -> None:
    fix = track_point(NOON_MS, -0.001, -0.001)
    shown = published(Answer(judged([fix], Spot(0.0, 0.0, None, NOON_MS * 1000)), Context(), NO_WEIGHT)).fix_before
    assert shown is not None
    assert (str(shown.latitude), str(shown.longitude)) == ("0.0", "0.0")


def test_what_is_not_known_of_a_fix_is_not_shown() -> None:
    shown = published(Answer(judged([point(-1, accuracy_m=None, speed_mps=None)], spot()), Context(), NO_WEIGHT))
    assert shown.fix_before is not None
    assert (shown.fix_before.horizontal_accuracy_m, shown.fix_before.speed_mps) == (None, None)
    assert (shown.risk, shown.risk_parts, shown.episode_id, shown.episode_number) == (0, None, None, None)
    assert shown.episode_severity is None


def test_a_payment_of_which_nothing_is_known_has_no_numbers() -> None:
    shown = published(Answer(judged([], spot()), Context(), NO_WEIGHT))
    numbers = ("distance_m", "least_distance_m", "elapsed_s", "implied_speed_mps", "allowed_speed_mps")
    assert {getattr(shown, name) for name in numbers} == {None}


def test_a_card_used_elsewhere_is_shown_with_its_numbers_and_its_episode() -> None:
    conflict = Conflict(use("a", 0, -60), 400_000.126, 399_000.124, 60.0000124, 20_000.126)
    context = Context(conflict, Episode(b"\x01\xab", 2, 69))
    shown = published(Answer(judged([], spot()), context, Weight(0, 0, 7)))
    assert shown.other_payment is not None
    assert msgspec.structs.asdict(shown.other_payment) == {
        "timestamp": "2026-11-21T11:59:00.000Z",
        "place": Place(*HOME),
        "distance_m": 400_000.13,
        "least_distance_m": 399_000.12,
        "elapsed_s": 60.000012,
        "reach_m": 20_000.13,
    }
    assert shown.risk_parts == RiskParts(contradiction=47, evidence=10, amount=7, repetition=5)
    assert (shown.risk, shown.episode_id, shown.episode_number, shown.episode_severity) == (69, "episode-01ab", 2, 69)


# -- mask


def masked(**changes: Any) -> MaskedPayment:
    parsed = parse_payment(record.as_bytes(record.payment(**changes)))
    assert isinstance(parsed, Payment)
    return POLICY.masker.mask(parsed)


def test_two_card_numbers_both_go_whichever_of_them_is_this_payments() -> None:
    assert masked(merchant=f"5555555555554444 and {record.CARD}").merchant == f"{REMOVED} and {REMOVED}"


def test_what_needs_no_hiding_is_shown() -> None:
    shown = masked(transaction_id="tx-9", merchant=None)
    assert (shown.transaction_id, shown.merchant, shown.place) == ("tx-9", None, Place(*HOME))


def test_a_place_needs_both_coordinates() -> None:
    parsed = parse_payment(record.as_bytes(record.payment()))
    assert isinstance(parsed, Payment)
    for missing in ("latitude", "longitude"):
        assert POLICY.masker.mask(parsed.model_copy(update={missing: None})).place is None


def test_a_masker_is_its_key_and_shows_nothing_derived_from_it() -> None:
    used, unused = Masker(Key("k1", b"secret")), Masker(Key("k1", b"secret"))
    used.token("card", record.CARD)
    assert used == unused
    assert repr(used) == repr(unused) == "Masker(key=Key(id='k1'))"


# -- geo


def test_a_kilometre_is_so_many_degrees_and_half_the_earth_is_the_furthest() -> None:
    assert geo.degrees_within(111_700.0) == 1.0
    assert pytest.approx(20_015_114, abs=1) == geo.HALF_ROUND_EARTH_M


def test_where_rounding_leaves_no_distance_places_are_antipodes(monkeypatch: pytest.MonkeyPatch) -> None:
    def raises(*_: object, **__: object) -> float:
        raise ValueError("math domain error")

    monkeypatch.setattr(geo, "haversine", raises)
    assert geo.distance_m(1.0, 2.0, -1.0, -178.0) == geo.HALF_ROUND_EARTH_M


# -- reach


def test_who_starts_above_the_top_speed_gains_nothing_and_keeps_to_it() -> None:
    assert reach_m(300.0, 10.0, DEFAULT) == 2_780.0
    assert time_to_cover_s(2_780.0, 300.0, DEFAULT) == 10.0


# -- measures


def test_speeds_are_averages_over_the_time_between() -> None:
    measure = decide.Measure(True, 600.0, 500.0, 0.5, 250.0, None)
    assert (measure.implied_speed_mps, measure.allowed_speed_mps) == (1_000.0, 500.0)
    none_between = measure._replace(elapsed_s=0.0)
    assert (none_between.implied_speed_mps, none_between.allowed_speed_mps) == (None, None)


def test_a_fix_at_the_moment_of_the_payment_is_before_it_and_a_microsecond_later_it_still_is() -> None:
    for off_us, is_before in ((0, True), (1, True), (-1, False)):
        finding = judged([point(0)], spot()._replace(at_us=NOON_MS * 1000 + off_us))
        assert finding.measure is not None
        assert (finding.measure.is_before, finding.before is not None) == (is_before, is_before)


def test_the_reach_of_a_fix_includes_its_speed_and_the_clock() -> None:
    measure = judged([point(-10, speed_mps=4.0)], spot()).measure
    assert measure is not None
    assert measure.reach_m == pytest.approx(5.0 * 40 + 1.25 * 40**2)
    assert measure.reported_speed_mps == 4.0
