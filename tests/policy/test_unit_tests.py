"""Unit tests use neither sockets nor sleeps, and mirror the modules that they test."""

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent.parent
UNIT: Final = ROOT / "tests" / "unit"
SLEEP: Final = re.compile(r"\bsleep\((?!0\))")
SOCKETS_ALLOWED: Final = re.compile(r"\b(socket_enabled|enable_socket|allow_hosts)\b")


def matches(pattern: re.Pattern[str]) -> list[str]:
    """Return file and line of every match below tests/unit, without its conftest.py."""
    files = [path for path in sorted(UNIT.rglob("*.py")) if path != UNIT / "conftest.py"]
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_unit_test_sleeps() -> None:
    assert matches(SLEEP) == [], "move it to tests/http, or use run_other_tasks of tests/support/tasks.py"


def test_unit_tests_have_no_sockets() -> None:
    assert "disable_socket(" in (UNIT / "conftest.py").read_text(encoding="utf-8")
    assert matches(SOCKETS_ALLOWED) == []


def test_unit_tests_are_in_the_mirrored_tree() -> None:
    assert [path.name for path in UNIT.glob("test_*.py")] == []
