"""Rule parameters: every number of a judgement as one value, and the two presets of the rule.

Numbers that decide the content of rows are no parameters: see `agents.rules.state_limits`.
"""

import json
from dataclasses import asdict, dataclass, field, fields, replace
from hashlib import sha256
from itertools import pairwise
from math import inf, isfinite, sqrt
from types import MappingProxyType
from typing import Final

from agents.rules.evidence.point_codec import PER_DEGREE
from agents.rules.geo import degrees_within
from agents.rules.state_limits import STATE_LIMITS

RULE_NAME: Final = "card-against-phone"
RULE_VERSION: Final = "2"

PUBLISHED: Final = (
    "sigmas",
    "place_uncertainty_m",
    "unknown_accuracy_m",
    "clock_uncertainty_s",
    "speed_margin_mps",
    "unknown_speed_mps",
    "speed_unmeasured_from_m",
    "gain_mps2",
    "top_speed_mps",
    "vague_from_m",
)
"""Parameters that every verdict lists by name. The hash in `set_id` covers the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskWeights:
    """Points that the risk of a suspect adds up. The four maxima together make 100.

    Attributes:
        contradiction_max: points for a distance far beyond the reachable one.
        prism_contradiction: points where only fixes before and after together contradict, so that no factor is known.
        reach_floor_m: smallest reachable distance that the factor is computed with, to avoid a division by zero.
        witness_points: points per witness: fixes before, fixes after, another payment.
        evidence_max: most points for witnesses.
        amount_max: points for an amount of `amount_full_exponent` or more.
        amount_full_exponent: amount, as a power of ten, that scores all points in any currency. 4 stands for 10,000.
        repeat_points: points per earlier suspect of the episode.
        repetition_max: most points for earlier suspects.
    """

    contradiction_max: int
    prism_contradiction: int
    reach_floor_m: float
    witness_points: int
    evidence_max: int
    amount_max: int
    amount_full_exponent: int
    repeat_points: int
    repetition_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleParameters:
    """All numbers of a judgement: versioned, hashable and immutable.

    ADR 9 and ADR 29 name the source of each number of `DEFAULT`.

    Attributes:
        name: name of the preset.
        version: version of the numbers of this preset, starting at 1. `set_id` combines it with their hash.
        sigmas: standard deviations of position error that the rule grants.
        linear_sigmas: standard deviations that the rule grants where the error subtracts from the distance linearly. At
            most `sigmas`.
        place_uncertainty_m: standard deviation of a merchant's location that the payment does not state.
        unknown_accuracy_m: standard deviation of a fix without accuracy.
        clock_uncertainty_s: largest clock error of a terminal, in either direction. Must stay below 31 s: the state
            schedules re-evaluations by it (`StateLimits.reevaluate_after_s`).
        clock_offsets: clock errors at which the rule tests a payment, ascending from 0 to 1, as shares of
            `clock_uncertainty_s`.
        place_error_exponent: exponent n of the place error 1 - x^n that the rule grants at clock offset x. Nearly all
            of it is granted while the clock error is common, and none at the largest clock error.
        speed_margin_mps: amount by which a reported speed may be too low.
        unknown_speed_mps: start speed of a fix without speed.
        speed_unmeasured_from_m: from this standard deviation on a fix has not measured the speed that it reports.
        gain_mps2: acceleration of a traveller.
        top_speed_mps: highest speed of a traveller.
        vague_from_m: from this standard deviation on a fix is too vague to clear a payment.
        detour_mps: fastest average speed of a way out and back between two fixes. 70 m/s are 250 km/h: faster vehicles
            do not turn round.
        outliers_in_a_row_max: the outlier filter compares a point with this many points before it. A longer run of
            wrong points is another track.
        contradiction_within_s: time around a payment in which a second track makes the phone untrusted.
        second_track_points: fewest consistent points of a second track. Errors of a receiver are single fixes. Three
            that agree with each other belong to another phone under the same id, or are invented.
        second_track_share: smallest share of a second track, relative to the points of the first.
        cool_down_s: an episode ends after this long without a suspect. A thief tries a stolen card again within
            minutes.
        risk_weights: points of the risk.
        last_fix_only: judge by the last fix alone, without outlier filter and card velocity.
        place_error_shares: derived: share of the place error that the rule grants between two neighbouring clock
            offsets.
        detour_e7_per_ms: derived: `detour_mps` in the unit of packed points.
        set_id: derived: `<version>-<first 8 hex digits of the SHA-256 of canonical()>`.
    """

    name: str
    version: int
    sigmas: float
    linear_sigmas: float
    place_uncertainty_m: float
    unknown_accuracy_m: float
    clock_uncertainty_s: float
    clock_offsets: tuple[float, ...]
    place_error_exponent: int
    speed_margin_mps: float
    unknown_speed_mps: float
    speed_unmeasured_from_m: float
    gain_mps2: float
    top_speed_mps: float
    vague_from_m: float
    detour_mps: float
    outliers_in_a_row_max: int
    contradiction_within_s: float
    second_track_points: int
    second_track_share: float
    cool_down_s: float
    risk_weights: RiskWeights
    last_fix_only: bool
    place_error_shares: tuple[float, ...] = field(init=False, repr=False, compare=False)
    detour_e7_per_ms: float = field(init=False, repr=False, compare=False)
    set_id: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compute the derived attributes once, because the rule reads them for every point.

        Raises:
            ValueError: `linear_sigmas` exceeds `sigmas`, which would make a distance negative.
        """
        if self.linear_sigmas > self.sigmas:
            raise ValueError(f"linear_sigmas is {self.linear_sigmas}: choose at most sigmas, {self.sigmas}")
        shares = tuple(sqrt(1 - inner**self.place_error_exponent) for inner, _ in pairwise(self.clock_offsets))
        object.__setattr__(self, "place_error_shares", shares)
        object.__setattr__(self, "detour_e7_per_ms", degrees_within(self.detour_mps) * PER_DEGREE / 1000)
        object.__setattr__(self, "set_id", f"{self.version}-{sha256(self.canonical()).hexdigest()[:8]}")

    def __hash__(self) -> int:
        return hash(self.set_id)

    def canonical(self) -> bytes:
        """Return the numbers as JSON with sorted names and no spaces. Null stands for infinity.

        Every number is written as a double, so that 30 and 30.0 are the same. Equal numbers give equal bytes. The name
        and the version of the set are not part of it.
        """
        values = {attribute: getattr(self, attribute) for attribute in _NUMBERS}
        values["risk_weights"] = asdict(self.risk_weights)
        return json.dumps(_as_json(values), sort_keys=True, separators=(",", ":")).encode()

    def published(self) -> dict[str, float | None]:
        """Return the parameters that a verdict lists, by name. None stands for no limit."""
        values: dict[str, float] = {name: getattr(self, name) for name in PUBLISHED}
        return {name: value if isfinite(value) else None for name, value in values.items()}


_NUMBERS: Final = tuple(one.name for one in fields(RuleParameters) if one.init and one.name not in {"name", "version"})


def _as_json(value: object) -> object:
    if isinstance(value, dict):
        return {name: _as_json(one) for name, one in value.items()}
    if isinstance(value, tuple):
        return [_as_json(one) for one in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if isfinite(value) else None
    return value


DEFAULT: Final = RuleParameters(
    name="default",
    version=1,
    sigmas=3.0,
    linear_sigmas=1.0,
    place_uncertainty_m=90.0,
    unknown_accuracy_m=40.0,
    clock_uncertainty_s=30.0,
    clock_offsets=(0.0, 0.3, 0.5, 0.65, 0.8, 0.9, 1.0),
    place_error_exponent=4,
    speed_margin_mps=1.0,
    unknown_speed_mps=83.0,
    speed_unmeasured_from_m=STATE_LIMITS.poor_accuracy_m,
    gain_mps2=2.5,
    top_speed_mps=278.0,
    vague_from_m=2000.0,
    detour_mps=70.0,
    outliers_in_a_row_max=32,
    contradiction_within_s=900.0,
    second_track_points=3,
    second_track_share=0.2,
    cool_down_s=1_800.0,
    risk_weights=RiskWeights(
        contradiction_max=50,
        prism_contradiction=10,
        reach_floor_m=1.0,
        witness_points=10,
        evidence_max=20,
        amount_max=20,
        amount_full_exponent=4,
        repeat_points=5,
        repetition_max=10,
    ),
    last_fix_only=False,
)

PAPER: Final = replace(
    DEFAULT,
    name="paper",
    sigmas=0.0,
    linear_sigmas=0.0,
    place_uncertainty_m=0.0,
    unknown_accuracy_m=0.0,
    clock_uncertainty_s=0.0,
    speed_margin_mps=1.0,
    unknown_speed_mps=0.0,
    speed_unmeasured_from_m=inf,
    gain_mps2=0.0,
    top_speed_mps=inf,
    vague_from_m=inf,
    last_fix_only=True,
)
"""The published rule of "Real-Time Smart Bank Data Streaming Capture", for reproduction (ADR 12)."""

PRESETS: Final = MappingProxyType({preset.name: preset for preset in (DEFAULT, PAPER)})
