"""What is believed of phones, clocks and travellers. Two presets of one rule.

Where the numbers of `DEFAULT` come from stands in DECISIONS 9; `PAPER` is the published rule of "Real-Time Smart
Bank Data Streaming Capture", kept to reproduce it.
"""

from dataclasses import asdict, dataclass
from math import inf, isfinite
from types import MappingProxyType
from typing import Final

from agents.rules.evidence.point_codec import POOR_FROM_M

RULE_NAME: Final = "card-against-phone"
RULE_VERSION: Final = "2"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleParameters:
    """Parameters of the rule.

    Attributes:
        sigmas: how many standard deviations of position error are granted.
        place_uncertainty_m: one sigma of a payment's place that does not say its own.
        unknown_accuracy_m: one sigma of a fix that does not say its own.
        clock_uncertainty_s: how far a till's clock may be off, either way.
        speed_margin_mps: by how much a reported speed may be too low.
        unknown_speed_mps: the speed granted to a fix that does not say its own.
        speed_unmeasured_from_m: from this sigma on a fix has not measured the speed it says.
        gain_mps2: how fast a traveller gains speed.
        top_speed_mps: no traveller is faster.
        vague_from_m: a fix is too vague to clear anyone from this sigma on.
        last_fix_only: look at the last fix alone, and believe every fix.
    """

    name: str
    sigmas: float
    place_uncertainty_m: float
    unknown_accuracy_m: float
    clock_uncertainty_s: float
    speed_margin_mps: float
    unknown_speed_mps: float
    speed_unmeasured_from_m: float
    gain_mps2: float
    top_speed_mps: float
    vague_from_m: float
    last_fix_only: bool

    def parameters(self) -> dict[str, float | None]:
        """For the record: the numbers by name, None where there is no limit."""
        values = asdict(self)
        del values["name"], values["last_fix_only"]
        return {name: value if isfinite(value) else None for name, value in values.items()}


DEFAULT: Final = RuleParameters(
    name="default",
    sigmas=3.0,
    place_uncertainty_m=90.0,
    unknown_accuracy_m=40.0,
    clock_uncertainty_s=30.0,
    speed_margin_mps=1.0,
    unknown_speed_mps=83.0,
    speed_unmeasured_from_m=POOR_FROM_M,
    gain_mps2=2.5,
    top_speed_mps=278.0,
    vague_from_m=2000.0,
    last_fix_only=False,
)

PAPER: Final = RuleParameters(
    name="paper",
    sigmas=0.0,
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

PRESETS: Final = MappingProxyType({preset.name: preset for preset in (DEFAULT, PAPER)})
