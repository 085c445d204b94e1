"""Unit tests use neither sockets nor sleeps. Unit and HTTP tests mirror the modules that they test."""

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent.parent
UNIT: Final = ROOT / "tests" / "unit"
PACKAGES: Final = ("app", "agents", "schemas", "sensor_logger_bridge", "deploy")
OF_SEVERAL_MODULES: Final = frozenset(
    {
        "agents/test_key_rotation.py",
        "agents/rules/decision/test_decide_stories.py",
        "agents/rules/decision/test_golden.py",
        "app/api/test_web.py",
        "app/cli/test_commands.py",
        "deploy/test_compose.py",
        "sensor_logger_bridge/apps/test_new_app.py",
    }
)
"""Test files of several modules or of files without code."""

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


@pytest.mark.parametrize("folder", ["unit", "http"])
def test_a_test_file_has_the_path_and_the_name_of_its_module(folder: str) -> None:
    tests = ROOT / "tests" / folder
    paths = [path.relative_to(tests) for package in PACKAGES for path in (tests / package).rglob("test_*.py")]
    names = {str(path) for path in paths if not (ROOT / path.with_name(path.name.removeprefix("test_"))).exists()}
    assert names <= OF_SEVERAL_MODULES
    assert [path.name for path in tests.glob("test_*.py")] == []
