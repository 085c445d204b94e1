"""Architecture decision records: form, numbers, links in both directions, index, and mentions in code and documents."""

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent.parent.parent
FOLDER: Final = ROOT / "docs" / "adr"

LINES_MAX: Final = 40
"""A record that is longer holds two decisions, or figures that belong to a report."""

RELATION: Final = re.compile(r"(superseded by|supersedes|amended by|amends) ((?:, |\[\d{4}\]\([\w.-]+\))+)")
LINK: Final = re.compile(r"\[(\d{4})\]\(([\w.-]+)\)")
STATUS: Final = re.compile(r"(accepted|superseded by LINKS)(, (supersedes|amends|amended by) LINKS)*")
DATE: Final = re.compile(r"\d{4}-\d\d-\d\d(, revised \d{4}-\d\d-\d\d)?")
SECTIONS: Final = ["Context", "Decision", "Consequences", "Evidence"]
REVERSE: Final = {
    "superseded by": "supersedes",
    "supersedes": "superseded by",
    "amended by": "amends",
    "amends": "amended by",
}
GENERATED_REPORTS: Final = frozenset({"bench.md", "faults.md"})
"""Reports that `make bench` and `make faults` write; a fresh tree may lack them."""

MENTION: Final = re.compile(r"\bADRs? (?:\[)?(\d{1,4})\b(?:(?:, | and | to )(\d{1,4})\b)*")


def _load_index_script() -> ModuleType:
    spec = spec_from_file_location("make_index", FOLDER / "make_index.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["make_index"] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MAKE_INDEX: Final = _load_index_script()
PATHS: Final[list[Path]] = MAKE_INDEX.records()
PAGES: Final = [*PATHS, FOLDER / "index.md", *sorted((ROOT / "docs" / "development").rglob("*.md"))]
NUMBERS: Final = {int(path.name[:4]) for path in PATHS}


def _relations(path: Path) -> Iterator[tuple[str, int]]:
    for word, links in RELATION.findall(MAKE_INDEX.read_adr(path).status):
        for number, name in LINK.findall(links):
            assert name.startswith(number), f"{path.name} links {number} to {name}"
            yield word, int(number)


def test_numbers_are_unique_and_have_no_gap() -> None:
    assert [int(path.name[:4]) for path in PATHS] == list(range(1, len(PATHS) + 1))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name[:4])
def test_a_record_has_the_form_of_the_template(path: Path) -> None:
    adr, text = MAKE_INDEX.read_adr(path), path.read_text(encoding="utf-8")
    assert re.fullmatch(r"\d{4}-[a-z0-9]+(-[a-z0-9]+)*\.md", path.name)
    assert adr.number == int(path.name[:4])
    assert DATE.fullmatch(adr.date)
    assert STATUS.fullmatch(re.sub(r"\[\d{4}\]\([\w.-]+\)(, \[\d{4}\]\([\w.-]+\))*", "LINKS", adr.status))
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    assert all(body.strip() for body in re.split(r"^## .+$", text, flags=re.MULTILINE)[1:])
    assert text.count("\n") <= LINES_MAX


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name[:4])
def test_amending_and_superseding_links_exist_in_both_directions(path: Path) -> None:
    number = int(path.name[:4])
    for word, other in _relations(path):
        (target,) = [one for one in PATHS if one.name.startswith(f"{other:04d}-")]
        assert (REVERSE[word], number) in set(_relations(target)), f"{target.name} does not mention {number:04d}"
        assert (other > number) == word.endswith(" by")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem[:30])
def test_relative_links_point_to_files(path: Path) -> None:
    for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text(encoding="utf-8")):
        target = path.parent / link
        assert target.name in GENERATED_REPORTS or target.is_file(), f"{path.name} links {link}"


def test_the_index_equals_the_records() -> None:
    expected = MAKE_INDEX.index(map(MAKE_INDEX.read_adr, PATHS))
    assert (FOLDER / "index.md").read_text(encoding="utf-8") == expected, "run `python docs/adr/make_index.py`"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("lost in a crash (ADR 3)", {3}),
        ("see ADR 0027", {27}),
        ("ADR 9 and 29 have the sources", {9, 29}),
        ("[ADR 9](../adr/0009-x.md), [ADR 29](../adr/0029-y.md)", {9, 29}),
        ("ADRs 3 to 6 explain", {3, 6}),
        ("a quadrant 4", set()),
    ],
)
def test_mentions_are_found_in_every_spelling(text: str, numbers: set[int]) -> None:
    assert _mentioned(text) == numbers


def test_every_record_that_code_and_documents_mention_exists() -> None:
    for path in _tracked_files():
        unknown = _mentioned(path.read_text(encoding="utf-8")) - NUMBERS
        assert not unknown, f"{path.relative_to(ROOT)} mentions ADR {sorted(unknown)}"


def _mentioned(text: str) -> set[int]:
    return {int(number) for match in MENTION.finditer(text) for number in re.findall(r"\d+", match[0])}


def _tracked_files() -> list[Path]:
    suffixes = (".py", ".md", ".toml", ".yaml", ".js", ".java", "Makefile")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\n") if name.endswith(suffixes) and (ROOT / name).is_file()]
