"""Mutants: modules with one change each."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Final

from tests.nightly.mutation.mutation_points import mutation_points

ROOT: Final = Path(__file__).parent.parent.parent.parent


@dataclass(frozen=True)
class Mutant:
    """A mutant. `where`: module and function. `before`, `after`: changed source. `number`: of the mutation point."""

    module: str
    where: str
    line: int
    before: str
    after: str
    number: int

    @property
    def name(self) -> str:
        return f"{self.where}:{self.line}  {self.before}  →  {self.after}"

    def code(self) -> CodeType:
        """Return the changed module, compiled."""
        path, source = read(self.module)
        tree = ast.parse(source)
        mutation_points(tree)[self.number].change()
        return compile(ast.fix_missing_locations(tree), str(path), "exec")


def mutants(module: str) -> Iterator[Mutant]:
    """Yield all mutants of a module."""
    tree = ast.parse(read(module)[1])
    for number, point in enumerate(mutation_points(tree)):
        before = _text(point.shown)
        undo = point.change()
        after = _text(point.shown)
        undo()
        where = ".".join(filter(None, (module.rpartition(".")[2], point.where)))
        yield Mutant(module, where, point.line, before, after, number)


def read(module: str) -> tuple[Path, str]:
    """Return the file of a module and its text."""
    path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    return path, path.read_text(encoding="utf-8")


def _text(node: ast.AST) -> str:
    """Return the first line of a node's source."""
    return ast.unparse(node).strip().partition("\n")[0]
