"""Mutant: a module with one change in it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Final

from tests.mutation.sites import sites

ROOT: Final = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Mutant:
    """`where`: module and function. `before` and `after`: the piece of source that differs."""

    module: str
    where: str
    line: int
    before: str
    after: str
    code: CodeType

    @property
    def name(self) -> str:
        return f"{self.where}:{self.line}  {self.before}  →  {self.after}"


def mutants(module: str) -> Iterator[Mutant]:
    """All mutants of a module."""
    path, source = read(module)
    for number in range(len(sites(ast.parse(source)))):
        tree = ast.parse(source)
        site = sites(tree)[number]
        before = _shown(site.shown)
        site.change()
        ast.fix_missing_locations(tree)
        where = ".".join(filter(None, (module.rpartition(".")[2], site.where)))
        yield Mutant(module, where, site.line, before, _shown(site.shown), compile(tree, str(path), "exec"))


def read(module: str) -> tuple[Path, str]:
    """A module's file and its text."""
    path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    return path, path.read_text(encoding="utf-8")


def _shown(node: ast.AST) -> str:
    """Its source in one line; of a statement with a body only the head."""
    return ast.unparse(node).strip().partition("\n")[0]
