"""The tests that can detect a module's mutants, those that most likely detect them first."""

from types import MappingProxyType
from typing import Final

from tests.nightly.mutation.mutant import ROOT

_UNIT: Final = "tests/unit"
_RULES: Final = "tests/unit/agents/rules"
_NEAR: Final = MappingProxyType(
    {
        "payment_location": ["decision/test_decide.py"],
        "reachability": ["decision/test_decide.py", "decision/test_decide_stories.py"],
        "decide": ["decision/test_decide_stories.py"],
        "signal": ["decision/test_assessment.py", "decision/test_risk.py"],
        "signals": ["decision/test_assessment.py", "decision/test_risk.py"],
        "phone_signal": ["decision/test_assessment.py", "decision/test_risk.py", "publish/test_reason.py"],
        "card_signal": ["decision/test_assessment.py", "decision/test_risk.py", "publish/test_reason.py"],
        "episode": ["decision/test_risk.py"],
        "downsampling": ["evidence/test_selection.py"],
        "full_track": ["evidence/test_selection.py"],
        "state_limits": ["test_parameters.py"],
        "wording": ["publish/test_reason.py"],
    }
)
"""Test files of agents/rules in addition to the module's own, by the last part of the module's name."""

ALWAYS: Final = (
    "tests/unit/agents",
    "tests/unit/app/simulate/test_ground_truth.py",
    "tests/unit/bad_inputs/test_locations.py",
    "tests/unit/bad_inputs/test_verdicts.py",
    "tests/property/test_laws_of_judging.py",
    "tests/property/test_laws_of_arrival_order.py",
)
SLOW: Final = (
    "tests/unit/agents/state/test_position_history.py::test_a_day_of_fixes_stays_below_115_kilobytes",
    "tests/property/test_laws_of_arrival_order.py::test_arrival_order_does_not_change_the_verdicts",
    "tests/property/test_laws_of_judging.py::test_a_vaguer_fix_never_raises_suspicion",
)
"""Tests that take seconds and have never been the only ones to fail."""


def selections(module: str) -> tuple[list[str], list[str]]:
    """Return the tests that run first, and those that run if none of the first fails."""
    *folders, stem = module.split(".")
    near = ["/".join((_UNIT, *folders, f"test_{stem}.py")), *(f"{_RULES}/{name}" for name in _NEAR.get(stem, ()))]
    return _without_slow([path for path in near if (ROOT / path).exists()]), _without_slow(list(ALWAYS))


def _without_slow(paths: list[str]) -> list[str]:
    return [*paths, *(f"--deselect={test}" for test in SLOW if test.startswith(tuple(paths)))]
