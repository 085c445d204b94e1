"""Parameters and state limits: each number is the one that was decided."""

import json
from dataclasses import FrozenInstanceError, replace
from hashlib import sha256
from math import inf
from typing import Any

import pytest

from agents.rules import geo
from agents.rules.evidence import point_codec
from agents.rules.evidence.selection import EVIDENCE_TIERS, KEPT_TIERS
from agents.rules.parameters import DEFAULT, PAPER, PRESETS, PUBLISHED, RuleParameters
from agents.rules.publish import verdict
from agents.rules.state_limits import STATE_LIMITS

HOUR_S = 3600
WEIGHTS = DEFAULT.risk_weights

NUMBERS: list[tuple[str, object, object]] = [
    ("99.7 % of position errors", DEFAULT.sigmas, 3.0),
    ("one standard deviation of error on a straight way", DEFAULT.linear_sigmas, 1.0),
    ("shops are up to 250 m off, three standard deviations are 270", DEFAULT.place_uncertainty_m, 90.0),
    ("ten times the error of a good receiver", DEFAULT.unknown_accuracy_m, 40.0),
    ("terminals are up to 20 s off, and half of it more", DEFAULT.clock_uncertainty_s, 30.0),
    ("tested clock offsets", DEFAULT.clock_offsets, (0.0, 0.3, 0.5, 0.65, 0.8, 0.9, 1.0)),
    ("the place error shrinks late", DEFAULT.place_error_exponent, 4),
    ("above the receivers' median error of speed", DEFAULT.speed_margin_mps, 1.0),
    ("a fast train for an unknown speed", DEFAULT.unknown_speed_mps, 83.0),
    ("network positions carry no measured speed", DEFAULT.speed_unmeasured_from_m, 100.0),
    ("the acceleration of the generous traveller", DEFAULT.gain_mps2, 2.5),
    ("1,000 km/h", DEFAULT.top_speed_mps, 278.0),
    ("the size of a radio cell", DEFAULT.vague_from_m, 2000.0),
    ("the default preset uses all fixes", DEFAULT.last_fix_only, False),
    ("a detour at over 250 km/h", DEFAULT.detour_mps, 70.0),
    ("the longest run of wrong fixes", DEFAULT.outliers_in_a_row_max, 32),
    ("a phone contradicts itself within a quarter of an hour", DEFAULT.contradiction_within_s, 900),
    ("three consistent points are no single errors", DEFAULT.second_track_points, 3),
    ("a fifth of the first track", DEFAULT.second_track_share, 0.2),
    ("half an hour without a suspect ends an episode", DEFAULT.cool_down_s, 1_800),
    ("half of the risk is the contradiction", WEIGHTS.contradiction_max, 50),
    ("a contradiction without a factor", WEIGHTS.prism_contradiction, 10),
    ("the smallest reach", WEIGHTS.reach_floor_m, 1.0),
    ("points per witness", (WEIGHTS.witness_points, WEIGHTS.evidence_max), (10, 20)),
    ("points of an amount of 10,000", (WEIGHTS.amount_full_exponent, WEIGHTS.amount_max), (4, 20)),
    ("points per earlier suspect", (WEIGHTS.repeat_points, WEIGHTS.repetition_max), (5, 10)),
    (
        "the parts of a risk add up to 100",
        WEIGHTS.contradiction_max + WEIGHTS.evidence_max + WEIGHTS.amount_max + WEIGHTS.repetition_max,
        100,
    ),
    ("the published rule grants speed a margin", PAPER.speed_margin_mps, 1.0),
    (
        "the published rule grants no position error",
        (PAPER.sigmas, PAPER.linear_sigmas, PAPER.place_uncertainty_m, PAPER.unknown_accuracy_m),
        (0,) * 4,
    ),
    (
        "the published rule grants no clock error, unknown speed or acceleration",
        (PAPER.clock_uncertainty_s, PAPER.unknown_speed_mps, PAPER.gain_mps2),
        (0,) * 3,
    ),
    ("an airliner flies half round the Earth in twice this time", STATE_LIMITS.evidence_s, 10 * HOUR_S),
    ("from here on a phone is unknown", STATE_LIMITS.stale_s, 20 * HOUR_S),
    ("more than the clock error of any terminal", STATE_LIMITS.resumed_after_s, 60),
    ("a follow-up of a quarter of an hour", STATE_LIMITS.follow_up_s, 900),
    ("records may be an hour late", STATE_LIMITS.lateness_s, HOUR_S),
    (
        "a bucket of a second near the payment, of an hour far from it",
        [tuple(tier) for tier in EVIDENCE_TIERS],
        [(60, 1), (180, 10), (900, 60), (7_200, 600), (36_000, 3_600)],
    ),
    (
        "the same for any payment an hour late, and a minute until the phone reports again",
        [tuple(tier) for tier in KEPT_TIERS],
        [(3_720, 1), (3_840, 10), (4_560, 60), (10_860, 600), (75_660, 3_600)],
    ),
    ("each bucket consists of whole smaller ones", STATE_LIMITS.bucket_s, (1, 10, 60, 600, 3_600)),
    ("faster than any airliner over ground", STATE_LIMITS.speed_max_mps, 350.0),
    ("a position of a network, not of satellites", STATE_LIMITS.poor_accuracy_m, 100.0),
    ("five minutes ahead is a wrong clock", STATE_LIMITS.future_ms, 300_000),
    ("the schedule of re-evaluations", STATE_LIMITS.reevaluate_after_s, (-60, 0, 31, 120, 900)),
    ("the schedule beside the phone", STATE_LIMITS.reevaluate_present_after_s, (31, 900)),
    ("payments and ids per device", (STATE_LIMITS.payments_max, STATE_LIMITS.transactions_max), (256, 256)),
    ("positions stay below a day", STATE_LIMITS.positions_kept_ms, 21 * HOUR_S * 1000),
    ("a silent phone", STATE_LIMITS.silent_phone_grace_ms, 11 * HOUR_S * 1000),
    ("ids stay a week", STATE_LIMITS.transactions_kept_ms, 7 * 24 * HOUR_S * 1000),
    ("tombstones stay two weeks and a day", STATE_LIMITS.tombstones_kept_ms, 15 * 24 * HOUR_S * 1000),
    ("a packed point", point_codec.POINT_BYTES, 24),
    ("a centimetre of place", point_codec.PER_DEGREE, 10_000_000),
    ("published places are coarse by a kilometre", verdict.COARSE_DECIMALS, 2),
    ("a degree at the poles, rounded up", geo.M_PER_DEG_MAX, 111_700.0),
]


@pytest.mark.parametrize(("number", "stated"), [row[1:] for row in NUMBERS], ids=[row[0] for row in NUMBERS])
def test_a_number_is_the_one_that_was_decided(number: object, stated: object) -> None:
    assert number == stated


def test_set_id_combines_the_version_and_the_hash_of_the_canonical_encoding() -> None:
    digest = sha256(DEFAULT.canonical()).hexdigest()
    assert DEFAULT.set_id == f"1-{digest[:8]}"
    assert {name: preset.set_id for name, preset in PRESETS.items()} == {
        "default": "1-82660e56",
        "paper": "1-0da29554",
    }, "a changed number needs a new version and a new row here"


def test_canonical_encoding_holds_every_number_and_neither_name_nor_version() -> None:
    values = json.loads(DEFAULT.canonical())
    derived = {"place_error_shares", "detour_e7_per_ms", "set_id"}
    assert set(values) == set(RuleParameters.__dataclass_fields__) - derived - {"name", "version"}
    assert list(values) == sorted(values)
    assert len(values["risk_weights"]) == len(WEIGHTS.__dataclass_fields__)
    assert values["sigmas"] == 3.0
    assert json.loads(PAPER.canonical())["top_speed_mps"] is None


def test_equal_numbers_have_equal_hashes_of_any_type() -> None:
    assert replace(DEFAULT, sigmas=3).set_id == DEFAULT.set_id
    assert replace(DEFAULT, name="other").set_id == DEFAULT.set_id
    assert replace(DEFAULT, version=2).set_id.startswith("2-")


@pytest.mark.parametrize("changed", [{"sigmas": 3.1}, {"cool_down_s": 60.0}, {"last_fix_only": True}])
def test_any_changed_number_changes_the_hash(changed: dict[str, Any]) -> None:
    assert replace(DEFAULT, **changed).set_id != DEFAULT.set_id


def test_changed_risk_weights_change_the_hash() -> None:
    assert replace(DEFAULT, risk_weights=replace(WEIGHTS, repeat_points=6)).set_id != DEFAULT.set_id


def test_derived_numbers_follow_their_parameters() -> None:
    faster = replace(DEFAULT, detour_mps=140.0, clock_offsets=(0.0, 0.5, 1.0))
    assert faster.detour_e7_per_ms == pytest.approx(2 * DEFAULT.detour_e7_per_ms)
    assert faster.place_error_shares == pytest.approx((1.0, (1 - 0.5**4) ** 0.5))


def test_parameters_are_immutable_and_usable_as_a_key() -> None:
    with pytest.raises(FrozenInstanceError):
        DEFAULT.sigmas = 1.0  # type: ignore[misc]
    assert {DEFAULT: 1}[replace(DEFAULT)] == 1
    assert hash(DEFAULT) == hash(replace(DEFAULT))


def test_linear_sigmas_must_not_exceed_sigmas() -> None:
    with pytest.raises(ValueError, match=r"linear_sigmas is 1\.0: choose at most sigmas, 0\.5"):
        replace(DEFAULT, sigmas=0.5)


def test_verdicts_list_the_main_parameters_in_order_and_no_limit_as_none() -> None:
    assert tuple(PAPER.published()) == PUBLISHED
    assert PAPER.vague_from_m == inf
    assert PAPER.published()["vague_from_m"] is None
