"""The table in SURVIVORS.md: mutants that no test can or should detect."""

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
    """A row of the table. `…` stands for any text."""

    where: str
    before: str
    after: str
    reason: str

    def matches(self, mutant: Mutant) -> bool:
        return _fits(self.where, mutant.where) and _fits(self.before, mutant.before) and _fits(self.after, mutant.after)


def survivors(text: str) -> list[Survivor]:
    """Return the rows of the table."""
    found = [row.groupdict() for row in _ROW.finditer(text)]
    return [Survivor(**{name: cell.replace(r"\|", "|") for name, cell in row.items()}) for row in found]


def explained(mutant: Mutant, rows: Iterable[Survivor]) -> Survivor | None:
    """Return the first row that matches a mutant."""
    return next((row for row in rows if row.matches(mutant)), None)


def _fits(pattern: str, text: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("…"))), text, re.DOTALL) is not None
