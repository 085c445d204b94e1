"""Writer of `index.md`, the table of all architecture decision records.

Run `python docs/adr/make_index.py` after a record changes. `tests/unit/docs/test_adr.py` compares the result.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

FOLDER: Final = Path(__file__).parent

_HEAD: Final = re.compile(
    r"# (?P<number>\d{4}): (?P<title>.+)\n\nStatus: (?P<status>.+(?:\n.+)*)\n\nDate: (?P<date>.+)\n"
)

_INTRODUCTION: Final = """\
# Architecture decision records

Each record states one decision: its context, its consequences and the evidence. The content of an accepted record does
not change. A later record amends or supersedes it, and both records link to each other. Code and documents refer to a
record as "ADR 27".

To add a record, copy [template.md](template.md), take the next number, and run `python docs/adr/make_index.py`.

"Preliminary measurements" are the measurements of Faust, of receivers and of bad inputs that were made before this
project began.

| number | title | status | date |
| --- | --- | --- | --- |
"""


class Adr(NamedTuple):
    """Head of one record. `status` is Markdown, with links to other records."""

    path: Path
    number: int
    title: str
    status: str
    date: str


def records() -> list[Path]:
    """Return the files of all records, by number."""
    return sorted(FOLDER.glob("[0-9]*.md"))


def read_adr(path: Path) -> Adr:
    """Return the head of a record.

    Raises:
        ValueError: the head does not have the form of `template.md`.
    """
    match = _HEAD.match(path.read_text(encoding="utf-8"))
    if match is None:
        raise ValueError(f"{path.name} has no valid head: compare it with template.md")
    status = " ".join(match["status"].split())
    return Adr(path, int(match["number"]), match["title"], status, match["date"])


def index(adrs: Iterable[Adr]) -> str:
    """Return the text of `index.md`, one row for each record in the given order."""
    rows = (f"| {adr.number} | [{adr.title}]({adr.path.name}) | {adr.status} | {adr.date} |\n" for adr in adrs)
    return _INTRODUCTION + "".join(rows)


if __name__ == "__main__":
    (FOLDER / "index.md").write_text(index(map(read_adr, records())), encoding="utf-8")
