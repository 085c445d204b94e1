"""The list of bad inputs is covered: each of its lines has a row or a test of its own."""

import re
from importlib import import_module
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Final

ROOT = Path(__file__).parent.parent.parent
LIST = ROOT / "docs" / "reference" / "bad-inputs.md"

TESTED_IN: Final = [f"tests.unit.{path.stem}" for path in sorted(Path(__file__).parent.glob("test_bad_inputs_*.py"))]

NOT_YET: Final = MappingProxyType(
    {
        77: "no request is signed yet: a phone has a token, and the rows of 77 are about that",
    }
)
"""Lines of which some part has nothing to be tested on, and why."""


def lines() -> set[int]:
    return {int(number) for number in re.findall(r"^(\d+)\. ", LIST.read_text(encoding="utf-8"), re.MULTILINE)}


def covered(module: ModuleType) -> set[int]:
    """The lines that rows of the module's tables and names of its tests are about."""
    tables = [table for table in vars(module).values() if isinstance(table, list)]
    rows = [row for table in tables for row in table]
    by_row = {getattr(row, "line", None) for row in rows}
    by_name = {int(found[1]) for name in vars(module) if (found := re.match(r"test_(\d+)_", name))}
    return {line for line in by_row if isinstance(line, int)} | by_name


def test_the_list_has_77_lines() -> None:
    assert lines() == set(range(1, 78))


def test_every_line_of_the_list_is_covered_and_nothing_else_is() -> None:
    modules = [import_module(name) for name in TESTED_IN if name != __name__]
    assert set[int]().union(*map(covered, modules)) == lines()
    assert set(NOT_YET) <= lines()
