"""Tables of the mutation tests: guards, survivors and selected tests exist in the code."""

import re
from types import CodeType

import pytest

from tests.nightly.mutation.guard import Guard
from tests.nightly.mutation.guards import GUARDS
from tests.nightly.mutation.mutant import ROOT, Mutant, mutants
from tests.nightly.mutation.selection import ALWAYS, SLOW
from tests.nightly.mutation.survivors import TABLE, Survivor, survivors

PARAMETERS = re.compile(r"\[.*\]$")


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_a_guard_is_in_the_function_that_the_table_names(guard: Guard) -> None:
    assert guard.found() == 1
    assert isinstance(guard.removed(), CodeType)


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_a_guard_has_a_test_that_exists(guard: Guard) -> None:
    path, _, name = PARAMETERS.sub("", guard.test).partition("::")
    assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("selected", [*ALWAYS, *SLOW])
def test_a_selected_test_exists(selected: str) -> None:
    path, _, name = selected.partition("::")
    assert (ROOT / path).exists()
    assert not name or f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")


def test_guard_names_are_unique() -> None:
    assert len({guard.name for guard in GUARDS}) == len(GUARDS)


def test_every_row_of_the_survivors_is_parsed() -> None:
    text = TABLE.read_text(encoding="utf-8")
    assert len(survivors(text)) == sum(line.startswith("| `") for line in text.splitlines())


def test_an_ellipsis_in_a_row_matches_any_text() -> None:
    mutant = Mutant("m", "m.f", 1, "a < b", "a <= b", 0)
    assert Survivor("m.f", "a < b", "a <= b", "").matches(mutant)
    assert Survivor("m.…", "… < …", "… <= …", "").matches(mutant)
    assert not Survivor("m.f", "a < b", "a >= b", "").matches(mutant)


def test_a_mutant_differs_in_one_place() -> None:
    found = list(mutants("agents.rules.geo"))
    assert found
    assert all(mutant.before != mutant.after for mutant in found)
    assert isinstance(found[0].code(), CodeType)


def test_every_row_of_the_survivors_matches_a_mutant() -> None:
    modules = {
        path.stem: ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "agents" / "rules").rglob("*.py")
    }
    rows = survivors(TABLE.read_text(encoding="utf-8"))
    named = {row.where.partition(".")[0] for row in rows} - {"…"}
    all_mutants = [mutant for stem in sorted(named) for mutant in mutants(modules[stem])]
    assert [row for row in rows if not any(map(row.matches, all_mutants))] == []
