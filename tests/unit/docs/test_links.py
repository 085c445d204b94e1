"""Pages for readers: links and anchors resolve, and the commands, targets and rooms that they name exist."""

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final

import click
import pytest

from app.cli import COMMANDS

ROOT: Final = Path(__file__).parent.parent.parent.parent
README: Final = ROOT / "README.md"
PAGES: Final = [README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
GENERATED_REPORTS: Final = frozenset({"bench.md", "faults.md"})
"""Reports that `make bench` and `make faults` write; a fresh tree may lack them."""

README_LINES_MAX: Final = 200
"""A reader decides within five minutes."""

LINK: Final = re.compile(r"(?<!`)\[[^\]]*\]\(([^()\s]+)\)")
FENCE: Final = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
CODE: Final = re.compile(r"`([^`\n]+)`|^(?: {4,}|)((?:make|geovelocity) .*)$", re.MULTILINE)
"""Code: a span, or a line of a block that begins with one of the two programs."""

PATH: Final = re.compile(r"(?:app|agents|schemas|sensor_logger_bridge|deploy|tests|docs|requirements)/[\w./-]*")
"""A file or folder of the tree as a code span names it. Names with a placeholder in angle brackets do not match."""

PACKAGES: Final = ("app", "agents", "schemas", "sensor_logger_bridge", "deploy", "tests")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def _anchors(path: Path) -> frozenset[str]:
    """Return the anchors of a page's headings, as code forges make them."""
    found: list[str] = []
    for heading in re.findall(r"^#{1,6} (.+)$", FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        found.append(slug if slug not in found else f"{slug}-{found.count(slug)}")
    return frozenset(found)


def _broken_links(path: Path) -> Iterator[str]:
    for link in LINK.findall(FENCE.sub("", path.read_text(encoding="utf-8"))):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if target.name in GENERATED_REPORTS and not target.exists():
            continue
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in _anchors(target)):
            yield link


def _code_lines(path: Path) -> Iterator[str]:
    for span, line in CODE.findall(path.read_text(encoding="utf-8")):
        yield (span or line).partition(" #")[0].strip()


@cache
def _make_targets() -> frozenset[str]:
    return frozenset(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@cache
def _options(name: str) -> frozenset[str]:
    command = import_module(f"app.cli.{name}").command
    commands = [command, *(command.commands.values() if isinstance(command, click.Group) else ())]
    return frozenset({"--help", *(option for one in commands for param in one.params for option in param.opts)})


def _unknown_words(line: str) -> Iterator[str]:
    """Yield the target, command or options of a code line that do not exist."""
    program, *words = re.split(r"\s+", line)
    if program == "make":
        yield from (word for word in words if re.fullmatch(r"[a-z-]+", word) and word not in _make_targets())
    elif program == "geovelocity" and words and re.fullmatch(r"[a-z]+", words[0]):
        if words[0] not in COMMANDS:
            yield words[0]
        else:
            given = (word.partition("=")[0] for word in words[1:] if word.startswith("--"))
            yield from (option for option in given if option not in _options(words[0]))


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_relative_links_and_anchors_resolve(path: Path) -> None:
    assert list(_broken_links(path)) == []


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_targets_commands_and_options_exist(path: Path) -> None:
    assert [(line, word) for line in _code_lines(path) for word in _unknown_words(line)] == []


@pytest.mark.parametrize("path", [path for path in PAGES if path.parent.name not in {"adr", "reports"}], ids=_name)
def test_files_and_folders_exist(path: Path) -> None:
    named = {line for line in _code_lines(path) if PATH.fullmatch(line)}
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_the_readme_stays_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= README_LINES_MAX


def test_the_map_of_the_readme_names_every_room_and_no_other() -> None:
    named = set(re.findall(r"`([a-z_]+(?:/[a-z_]+)*)/`", README.read_text(encoding="utf-8")))
    rooms = {f"app/{path.name}" for path in (ROOT / "app").iterdir() if (path / "__init__.py").exists()}
    assert sorted({*PACKAGES, *rooms} - named) == []
    assert sorted(name for name in named if not (ROOT / name).is_dir()) == []


def test_every_page_is_linked_from_another_page() -> None:
    linked = {
        (path.parent / link.partition("#")[0]).resolve()
        for path in PAGES
        for link in LINK.findall(path.read_text(encoding="utf-8"))
    }
    exempt = {README, ROOT / "docs" / "adr" / "template.md"}
    assert [_name(path) for path in PAGES if path.resolve() not in linked and path not in exempt] == []


def test_anchors_follow_the_rule_of_code_forges(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Exit codes\n\n## A, b & c\n\n## `judge` twice\n\n## `judge` twice\n", encoding="utf-8")
    assert _anchors(page) == {"exit-codes", "a-b--c", "judge-twice", "judge-twice-1"}
