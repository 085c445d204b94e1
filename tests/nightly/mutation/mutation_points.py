"""Mutation points: the places of a syntax tree where one small change is possible."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

Undo = Callable[[], None]
Change = Callable[[], Undo]

_OPPOSITE: Final[dict[type[ast.AST], tuple[type[ast.AST], ...]]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}
_OTHER_FUNCTION: Final = {
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "sorted": "list",
    "reversed": "list",
    "abs": "float",
    "bisect_left": "bisect_right",
    "bisect_right": "bisect_left",
}


@dataclass(frozen=True)
class MutationPoint:
    """One possible change. `shown`: the smallest piece of source that shows it."""

    where: str
    line: int
    shown: ast.AST
    change: Change


def mutation_points(tree: ast.Module) -> list[MutationPoint]:
    """Return all mutation points, in an order that depends only on the source. Annotations are not changed."""
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    annotations = set(_annotations(tree))
    found = []
    for node in ast.walk(tree):
        if node not in annotations:
            shown = _shown(node, parents)
            place = (_where(node, parents), _line(node, parents))
            found += [MutationPoint(*place, shown, change) for change in _changes(node)]
    return found


def _shown(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> ast.AST:
    """Return the node that shows a change: for a number, the expression around it."""
    while isinstance(node, ast.Constant | ast.Slice) or _is_minus(node):
        node = parents[node]
    return node


def _is_minus(node: ast.AST) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)


def _annotations(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        for field in ("annotation", "returns"):
            annotation = getattr(node, field, None)
            if annotation is not None:
                yield from ast.walk(annotation)


def _where(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> str:
    """Return the function or class around a node, as `Class.method`."""
    names: list[str] = []
    while node in parents:
        node = parents[node]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.insert(0, node.name)
    return ".".join(names)


def _line(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> int:
    while node in parents and not hasattr(node, "lineno"):
        node = parents[node]
    return getattr(node, "lineno", 0)


def _changes(node: ast.AST) -> Iterator[Change]:
    yield from _of_operators(node)
    yield from _of_conditions(node)
    match node:
        case ast.Constant(value=bool() | int() | float() as value):
            yield from (_field(node, "value", other) for other in _other_values(value))
        case ast.Call(func=ast.Name(id=name) as function) if name in _OTHER_FUNCTION:
            yield _field(function, "id", _OTHER_FUNCTION[name])
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            yield _field(node, "value", ast.Constant(None))


def _of_operators(node: ast.AST) -> Iterator[Change]:
    match node:
        case ast.Compare(ops=ops):
            for place, op in enumerate(ops):
                yield from (_item(ops, place, other()) for other in _OPPOSITE.get(type(op), ()))
        case ast.BinOp(op=op) | ast.AugAssign(op=op) | ast.BoolOp(op=op):
            yield from (_field(node, "op", other()) for other in _OPPOSITE.get(type(op), ()))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield _field(node, "operand", _negated(operand))
        case ast.UnaryOp(op=ast.USub()):
            yield _field(node, "op", ast.UAdd())


def _of_conditions(node: ast.AST) -> Iterator[Change]:
    match node:
        case ast.IfExp(test=test):
            yield _field(node, "test", _negated(test))
        case ast.If():
            yield from (_field(node, "test", ast.Constant(value)) for value in (False, True))
        case ast.While():
            yield _field(node, "test", ast.Constant(value=False))
        case ast.comprehension(ifs=ifs):
            yield from (_item(ifs, place, ast.Constant(value=True)) for place in range(len(ifs)))


def _other_values(value: float) -> tuple[float, ...]:
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return (value + 1, value - 1)
    return (value * 1.1, value * 0.9) if value else (1.0, -1.0)


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _negated(test: ast.expr) -> ast.UnaryOp:
    return ast.UnaryOp(ast.Not(), test)


def _field(node: ast.AST, field: str, value: object) -> Change:
    def change() -> Undo:
        old = getattr(node, field)
        setattr(node, field, value)
        return lambda: setattr(node, field, old)

    return change


def _item(nodes: list[Any], place: int, value: ast.AST) -> Change:
    def change() -> Undo:
        old = nodes[place]
        nodes[place] = value
        return lambda: nodes.__setitem__(place, old)

    return change
