"""Plates: the indices of a statement and the ranges that they run over."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from ebmdsl.check.arguments import whole
from ebmdsl.check.mistakes import UnknownName
from ebmdsl.check.model import Block, Declared
from ebmdsl.check.scope import Local
from ebmdsl.check.value_mistakes import EmptyPlate
from ebmdsl.expr.build import variable
from ebmdsl.expr.node import Node, Op, Plate
from ebmdsl.expr.stacks import stacked
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.check.scope import Scope


def whole_node(bound: Declared | Block) -> Node:
    """Return the node of a name with all its plates."""
    if isinstance(bound, Block):
        return bound.node
    return variable(bound.quantity, bound.shape, plates=bound.plates)


def unindexed(node: Node) -> Node:
    """Return a plated value as one sequence: its plates become leading dimensions."""
    return stacked(node, node.plates)


def opened(node: Node) -> tuple[Node, tuple[Plate, ...]]:
    """Return a sequence with its plates, which are what an index may run over."""
    if node.op is not Op.STACK or not node.data:
        return node, ()
    inner = node.args[0]
    held = {plate.index: plate for plate in inner.plates}
    return inner, tuple(held[index] for index in node.data)


def bound_plates(
    scope: Scope, binders: tuple[ast.Binder, ...], *, expr: ast.Expr | None, local: Local
) -> tuple[Plate, ...]:
    """Return the plates of a statement; a range left out is the largest that exists."""
    return tuple(_plate(scope, binder, expr=expr, local=local) for binder in binders)


def _plate(scope: Scope, binder: ast.Binder, *, expr: ast.Expr | None, local: Local) -> Plate:
    name = binder.name.text
    if binder.range is None:
        low, high = _largest(scope, binder, expr=expr, local=local)
    else:
        low, high = whole(scope, binder.range.low), whole(scope, binder.range.high)
        _reached(scope, binder, low=low, high=high, expr=expr)
    if high < low:
        raise scope.reject(EmptyPlate(binder.span, name, low, high))
    return Plate(name, low, high - low + 1)


def _reached(
    scope: Scope, binder: ast.Binder, *, low: int, high: int, expr: ast.Expr | None
) -> None:
    """Report a written range that goes beyond where all that it is used for exists."""
    first, last = _limits(scope, binder.name.text, expr=expr, local=Local())
    if low <= high and (low < first or high > last):
        name = binder.name.text
        reason = f"index `{name}` runs over {low}..{high}, but what it is used for exists for"
        raise scope.reject(
            EmptyPlate(binder.span, name, low, high, f"{reason} {first}..{last}")
        )


def _limits(
    scope: Scope, name: str, *, expr: ast.Expr | None, local: Local
) -> tuple[float, float]:
    """Return the largest range in which everything that an index is used for exists."""
    low, high = -inf, inf
    for subscript, start, end in _uses(scope, expr, name=name, local=local):
        offset = offset_from(scope, subscript, index=name)
        if offset is not None:
            low, high = max(low, start - offset), min(high, end - offset)
    return low, high


def _largest(
    scope: Scope, binder: ast.Binder, *, expr: ast.Expr | None, local: Local
) -> tuple[int, int]:
    name = binder.name.text
    low, high = _limits(scope, name, expr=expr, local=local)
    if low == -inf:
        _check_indices(scope, expr, index=name, local=local)
        reason = f"index `{name}` has no range, and nothing that it is used for gives it one"
        remedy = f"write it, as `[{name} in 1..8]`"
        raise scope.reject(EmptyPlate(binder.span, name, 0, -1, reason, remedy))
    return int(low), int(high)


def _check_indices(scope: Scope, expr: ast.Expr | None, *, index: str, local: Local) -> None:
    """Report a subscript that nothing declares: it was meant to be the index."""
    for name in _subscripts(expr):
        known = name.text in (index, *local.plates, *local.values)
        if not known and scope.get(name.text) is None:
            raise scope.reject(UnknownName(name.span, name.text, (index,), "index"))


def _subscripts(expr: ast.Expr | None) -> Iterator[ast.Name]:
    for piece in ast.walk(expr) if expr is not None else ():
        if isinstance(piece, ast.At):
            yield from (each for each in piece.subscripts if isinstance(each, ast.Name))


def offset_from(scope: Scope, subscript: ast.Value, *, index: str) -> int | None:
    """Read `t`, `t-1` or `t+2` as a distance from an index; None for anything else."""
    match subscript:
        case ast.Name() if subscript.text == index:
            return 0
        case ast.Binary(op="+" | "-", left=ast.Name() as name) if name.text == index:
            offset = whole(scope, subscript.right)
            return offset if subscript.op == "+" else -offset
        case _:
            return None


def _uses(
    scope: Scope, expr: ast.Expr | None, *, name: str, local: Local
) -> Iterator[tuple[ast.Value, int, int]]:
    """Pair every subscript in an expression with the range that it indexes."""
    for piece in ast.walk(expr) if expr is not None else ():
        match piece:
            case ast.At(base=ast.Name() as base, subscripts=subscripts):
                ranges = _ranges(scope, base, index=name, local=local)
                yield from ((s, *r) for s, r in zip(subscripts, ranges, strict=False))
            case _:
                continue


def _ranges(scope: Scope, base: ast.Name, *, index: str, local: Local) -> list[tuple[int, int]]:
    """List what each subscript of a name runs over: its plates, then its dimensions."""
    node = local.values.get(base.text)
    bound = scope.get(base.text) if node is None else None
    if isinstance(bound, Declared | Block):
        node = unindexed(whole_node(bound))
    if node is None:
        return []
    inner, plates = opened(node)
    ranges = [(plate.low, plate.low + plate.size - 1) for plate in plates]
    for size in inner.shape:
        low = first_place(scope, index, size=size)
        ranges.append((low, low + size - 1))
    return ranges


def first_place(scope: Scope, index: str, *, size: int) -> int:
    """Return what an index counts a dimension from.

    A sequence that went through a net has a dimension where it had a plate: an index that is
    declared with as many places counts them as it does there. Other dimensions start at 0.
    """
    return scope.once("first places", lambda: _first_places(scope)).get((index, size), 0)


def _first_places(scope: Scope) -> dict[tuple[str, int], int]:
    """Return where each declared index starts, by how many places it has."""
    found: dict[tuple[str, int], int] = {}
    for binder in _binders(scope):
        if binder.range is not None:
            low, high = whole(scope, binder.range.low), whole(scope, binder.range.high)
            found.setdefault((binder.name.text, high - low + 1), low)
    return found


def _binders(scope: Scope) -> Iterator[ast.Binder]:
    for statement in scope.statements.values():
        if isinstance(statement, ast.Variable):
            yield from statement.plate
