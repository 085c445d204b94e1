"""Glossary: one term for each thing, and a term for each public class of the code."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest

ROOT: Final = Path(__file__).parent.parent.parent.parent
GLOSSARY: Final = ROOT / "docs" / "development" / "glossary.md"
PACKAGES: Final = ("app", "agents", "schemas", "sensor_logger_bridge", "deploy")

WORDS_MAX: Final = 25
COLUMNS: Final = ["term", "meaning", "Python", "not"]

SELF_EXPLAINING: Final = frozenset(
    {
        *("Settings", "AlertSettings", "BridgeSettings", "ConsoleSettings", "KafkaSettings"),  # by their prefix
        *("ProcessSettings", "RuleSettings", "StateSettings", "StoreSettings", "TopicSettings"),
        *("DemoResult", "FileJudge", "LazyGroup", "Location", "PaidRecord", "Scores"),  # private to one command
        *("JsonFormatter", "NoWebServer", "Runner", "Place"),
        *("Command", "Jar", "LocalStackError", "Node", "Ports", "ServerPorts", "Version"),  # of local servers
        *("Board", "ChartType", "Column", "DataView", "FlowMap", "Lens", "Panel", "PanelReference", "PanelState"),
        *("Reference", "SavedObject", "Size", "Views"),  # Kibana's own words
    }
)
"""Classes that need no term: general words of programming, or words of a tool that they configure."""


class Row(NamedTuple):
    """One row of a glossary table. `names`: the Python names of the term."""

    term: str
    meaning: str
    names: tuple[str, ...]


def _rows() -> Iterator[Row]:
    for line in GLOSSARY.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.removeprefix("|").removesuffix("|").split("|")]
        if line.startswith("|") and cells != COLUMNS and set(line) != set("|- "):
            term, meaning, names, _ = cells
            yield Row(term, meaning, tuple(re.findall(r"`(\w+)`", names)))


def _bodies() -> Iterator[list[ast.stmt]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "node_modules" not in path.parts:
                yield ast.parse(path.read_text(encoding="utf-8")).body


def _names(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        match node:
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node.name
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name


ROWS: Final = list(_rows())
BODIES: Final = list(_bodies())
CLASSES: Final = {
    node.name for body in BODIES for node in body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
}


def test_a_term_and_a_python_name_have_one_row() -> None:
    assert [term for term, count in Counter(row.term.lower() for row in ROWS).items() if count > 1] == []
    assert [name for name, count in Counter(name for row in ROWS for name in row.names).items() if count > 1] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.term)
def test_a_meaning_is_one_short_sentence(row: Row) -> None:
    assert row.meaning.endswith(".")
    assert not re.search(r"[.?!] [A-Z]", row.meaning)
    assert len(row.meaning.split()) <= WORDS_MAX


def test_every_python_name_exists_in_the_code() -> None:
    existing = {name for body in BODIES for name in _names(body)}
    assert sorted({name for row in ROWS for name in row.names} - existing) == []


def test_every_public_class_has_a_term_or_explains_itself() -> None:
    terms = {name for row in ROWS for name in row.names}
    assert sorted(CLASSES - terms - SELF_EXPLAINING) == [], "add a row to docs/development/glossary.md"
    assert sorted(SELF_EXPLAINING - CLASSES) == []
    assert sorted(SELF_EXPLAINING & terms) == []
