"""Guards: checks that stop bad input or protect personal data, each with the test that fails without it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType

from tests.nightly.mutation.mutant import read


@dataclass(frozen=True)
class Guard:
    """A check. `expression`: in a function of a module. `instead`: its replacement when the check is removed."""

    name: str
    module: str
    function: str
    expression: str
    instead: str
    test: str

    @property
    def where(self) -> str:
        return f"{self.module}.{self.function}"

    def found(self) -> int:
        """Return the number of occurrences of the expression in the function."""
        return len(list(self._occurrences(ast.parse(read(self.module)[1]))))

    def removed(self) -> CodeType:
        """Return the module without the check."""
        path, source = read(self.module)
        tree = ast.parse(source)
        (found,) = self._occurrences(tree)
        _Replacement(found, _expression(self.instead)).visit(tree)
        return compile(ast.fix_missing_locations(tree), str(path), "exec")

    def _occurrences(self, tree: ast.Module) -> Iterator[ast.expr]:
        wanted = ast.unparse(_expression(self.expression))
        for node in ast.walk(_inside(tree, self.function.split("."))):
            if isinstance(node, ast.expr) and ast.unparse(node) == wanted:
                yield node


class _Replacement(ast.NodeTransformer):
    """A transformer that replaces one node."""

    def __init__(self, old: ast.expr, new: ast.expr) -> None:
        self._old = old
        self._new = new

    def visit(self, node: ast.AST) -> ast.AST:
        return self._new if node is self._old else self.generic_visit(node)


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _inside(tree: ast.AST, names: list[str]) -> ast.AST:
    """Return the function with this name, or the method of a class."""
    for name in names:
        tree = next(node for node in ast.walk(tree) if getattr(node, "name", None) == name)
    return tree
