"""Survivors: the table in SURVIVORS.md of the mutants that no test tells apart, or none should."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.nightly.mutation.mutant import Mutant

TABLE: Final = Path(__file__).parent / "SURVIVORS.md"
_ROW: Final = re.compile(
    r"^\| `(?P<where>[^`]+)` \| `(?P<before>[^`]+)` → `(?P<after>[^`]+)` \| (?P<reason>.+) \|$", re.MULTILINE
)


@dataclass(frozen=True)
class Survivor:
    """A row. `…` in it stands for any text."""

    where: str
    before: str
    after: str
    reason: str

    def is_of(self, mutant: Mutant) -> bool:
        return _like(self.where, mutant.where) and _like(self.before, mutant.before) and _like(self.after, mutant.after)


def survivors(text: str) -> list[Survivor]:
    """The rows of the table."""
    found = [row.groupdict() for row in _ROW.finditer(text)]
    return [Survivor(**{name: cell.replace(r"\|", "|") for name, cell in row.items()}) for row in found]


def explained(mutant: Mutant, rows: Iterable[Survivor]) -> Survivor | None:
    """The first row that a mutant falls under."""
    return next((row for row in rows if row.is_of(mutant)), None)


def _like(pattern: str, text: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("…"))), text, re.DOTALL) is not None
