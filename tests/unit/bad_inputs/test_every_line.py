"""Coverage of docs/reference/bad-inputs.md: each of its lines has a row in a table or a test of its own."""

import re
from importlib import import_module
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Final

ROOT: Final = Path(__file__).parent.parent.parent.parent
LIST: Final = ROOT / "docs" / "reference" / "bad-inputs.md"

TESTED_IN: Final = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in sorted(ROOT.glob("tests/*/bad_inputs/test_*.py"))
]

NOT_YET: Final = MappingProxyType(
    {
        77: "no request has a signature yet: a phone has a token, and the rows of line 77 test the token",
    }
)
"""Lines that are only partly testable, with the reason."""


def lines() -> set[int]:
    return {int(number) for number in re.findall(r"^(\d+)\. ", LIST.read_text(encoding="utf-8"), re.MULTILINE)}


def covered(module: ModuleType) -> set[int]:
    """Return the lines that the module's tables and test names mention."""
    tables = [table for table in vars(module).values() if isinstance(table, list)]
    rows = [row for table in tables for row in table]
    by_row = {getattr(row, "line", None) for row in rows}
    by_name = {int(found[1]) for name in vars(module) if (found := re.match(r"test_(\d+)_", name))}
    return {line for line in by_row if isinstance(line, int)} | by_name


def test_the_list_has_77_lines() -> None:
    assert lines() == set(range(1, 78))


def test_every_line_of_the_list_has_a_test_and_no_test_has_another_line() -> None:
    modules = [import_module(name) for name in TESTED_IN if name != __name__]
    assert set[int]().union(*map(covered, modules)) == lines()
    assert set(NOT_YET) <= lines()
