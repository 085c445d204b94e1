"""The numbers of the rule, at the edges: where a change of one sign or number would show."""

import pytest

from agents.rules import geo
from agents.rules.decision import decide, episode, risk
from agents.rules.evidence import downsampling as buckets
from agents.rules.evidence import point_codec as track
from agents.rules.evidence import selection as history
from agents.rules.evidence.outlier_filter import DETOUR_MPS, LOOKBACK
from agents.rules.parameters import DEFAULT, PAPER
from agents.rules.publish import verdict

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
