"""Selection: which tests can tell a module's mutants apart; first those that most likely do."""

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from tests.nightly.mutation.mutant import ROOT

_UNIT: Final = "tests/unit/test_{}.py"
_CLOSELY: Final = "tests/unit/closely"
_NEAR: Final = MappingProxyType(
    {
        "alibi": "alibi decide",
        "answer": "card risk review",
        "archive": "history decide",
        "belief": "belief decide",
        "buckets": "history decide",
        "episode": "risk card review",
        "history": "history decide",
        "preset": "alibi decide",
        "spot": "decide",
        "track": "bad_inputs_locations agents decide",
    }
)
"""Files of tests/unit by the last part of a module's name; others are tested in the file of their own name."""

_OF_RULES: Final = (
    "alibi card decide geo mask reach reason risk verdict history belief memory judged retention golden "
    "review agents bad_inputs_locations bad_inputs_verdicts oracle"
)
_LAWS: Final = ("tests/property/test_laws_of_judging.py", "tests/property/test_order_does_not_matter.py")
_SLOW: Final = (
    "tests/unit/test_memory.py::test_a_day_of_fixes_every_second_stays_within_what_the_decisions_say",
    "tests/property/test_order_does_not_matter.py::test_shuffled_doubled_and_split_records_end_in_the_verdicts_of_the_judge",
    "tests/property/test_laws_of_judging.py::test_a_vaguer_fix_never_raises_suspicion",
)
"""Each takes seconds; they have never been the only ones to fail."""


def selections(module: str) -> tuple[list[str], list[str]]:
    """Tests to run first, and tests to run when those pass."""
    stem = module.rpartition(".")[2]
    near = _NEAR.get(stem, stem).split()
    wide = [*(name for name in _OF_RULES.split() if name not in near)]
    return _without_slow([*_files(near), _CLOSELY]), _without_slow([*_files(wide), *_LAWS])


def _files(names: Iterable[str]) -> list[str]:
    return [path for path in map(_UNIT.format, names) if (ROOT / path).exists()]


def _without_slow(paths: list[str]) -> list[str]:
    return [*paths, *(f"--deselect={test}" for test in _SLOW if test.partition("::")[0] in paths)]
