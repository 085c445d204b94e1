"""Guard: a check between bad input, or a person's data, and the rest, and the test that fails without it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType

from tests.nightly.mutation.mutant import read


@dataclass(frozen=True)
class Guard:
    """`expression` in a function of a module, what is there `instead` when it is dropped, and its `test`."""

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
        """How often the expression stands in the function."""
        return len(list(self._places(ast.parse(read(self.module)[1]))))

    def dropped(self) -> CodeType:
        """The module without it."""
        path, source = read(self.module)
        tree = ast.parse(source)
        (place,) = self._places(tree)
        _Swap(place, _expression(self.instead)).visit(tree)
        return compile(ast.fix_missing_locations(tree), str(path), "exec")

    def _places(self, tree: ast.Module) -> Iterator[ast.expr]:
        wanted = ast.unparse(_expression(self.expression))
        for node in ast.walk(_inside(tree, self.function.split("."))):
            if isinstance(node, ast.expr) and ast.unparse(node) == wanted:
                yield node


class _Swap(ast.NodeTransformer):
    """One node in place of another."""

    def __init__(self, old: ast.expr, new: ast.expr) -> None:
        self._old = old
        self._new = new

    def visit(self, node: ast.AST) -> ast.AST:
        return self._new if node is self._old else self.generic_visit(node)


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _inside(tree: ast.AST, names: list[str]) -> ast.AST:
    """The function of that name, or the method of that class."""
    for name in names:
        tree = next(node for node in ast.walk(tree) if getattr(node, "name", None) == name)
    return tree
