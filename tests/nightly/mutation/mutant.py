"""Mutant: a module with one change in it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Final

from tests.nightly.mutation.mutation_points import sites

ROOT: Final = Path(__file__).parent.parent.parent.parent


@dataclass(frozen=True)
class Mutant:
    """`where`: module and function. `before` and `after`: the piece of source that differs. `number`: of its site."""

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
        """The changed module, compiled."""
        path, source = read(self.module)
        tree = ast.parse(source)
        sites(tree)[self.number].change()
        return compile(ast.fix_missing_locations(tree), str(path), "exec")


def mutants(module: str) -> Iterator[Mutant]:
    """All mutants of a module."""
    tree = ast.parse(read(module)[1])
    for number, site in enumerate(sites(tree)):
        before = _text(site.shown)
        undo = site.change()
        after = _text(site.shown)
        undo()
        where = ".".join(filter(None, (module.rpartition(".")[2], site.where)))
        yield Mutant(module, where, site.line, before, after, number)


def read(module: str) -> tuple[Path, str]:
    """A module's file and its text."""
    path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    return path, path.read_text(encoding="utf-8")


def _text(node: ast.AST) -> str:
    """Its source in one line; of a statement with a body only the head."""
    return ast.unparse(node).strip().partition("\n")[0]
