"""Plates: indices, the ranges they run over, and names with and without an index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.check.arguments import whole
from ebmdsl.check.mistakes import NotSupportedYet, ShapeMismatch
from ebmdsl.check.model import Block, Declared
from ebmdsl.expr.build import variable
from ebmdsl.expr.node import Node, Op, Plate, make
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.check.scope import Local, Scope

    Subscript = ast.Expr | ast.Range


def whole_node(bound: Declared | Block) -> Node:
    """Return the node of a name with all its plates."""
    if isinstance(bound, Block):
        return bound.node
    return variable(bound.quantity, bound.shape, plates=bound.plates)


def unindexed(node: Node) -> Node:
    """Return a plated value as one sequence: its plates become leading dimensions."""
    if not node.plates:
        return node
    shape = (*(plate.size for plate in node.plates), *node.shape)
    return make(Op.STACK, (node,), data="plates", shape=shape)


def indexed(scope: Scope, bound: Declared | Block, *, expr: ast.At, local: Local) -> Node:
    """Return `x[t]`, `x[t-1]` or `x[3]`: a slice of the plate axis."""
    node = whole_node(bound)
    if len(expr.subscripts) != len(node.plates):
        raise scope.reject(NotSupportedYet(expr.span, "an index into part of the plates"))
    for position, subscript in enumerate(expr.subscripts):
        node = _sliced(scope, node, position=position, subscript=subscript, local=local)
    return node


def _sliced(
    scope: Scope, node: Node, *, position: int, subscript: ast.Value, local: Local
) -> Node:
    plate = node.plates[position]
    index, offset = affine(scope, subscript, local=local)
    if index is None:
        _inside(scope, plate, low=offset, high=offset, at=subscript)
        plates = (*node.plates[:position], *node.plates[position + 1 :])
        data = ("entry", position, offset - plate.low)
        return make(Op.SHIFT, (node,), data=data, shape=node.shape, plates=plates)
    bound = local.plates[index]
    low, high = bound.low + offset, bound.low + bound.size - 1 + offset
    _inside(scope, plate, low=low, high=high, at=subscript)
    plates = (*node.plates[:position], bound, *node.plates[position + 1 :])
    if bound == plate and offset == 0:
        return node
    data = ("slice", position, low - plate.low)
    return make(Op.SHIFT, (node,), data=data, shape=node.shape, plates=plates)


def _inside(scope: Scope, plate: Plate, *, low: int, high: int, at: ast.Value) -> None:
    first, last = plate.low, plate.low + plate.size - 1
    if low < first or high > last:
        reason = f"index {low if low < first else high} is outside of {first}..{last}"
        raise scope.reject(ShapeMismatch(at.span, reason, "shorten the range of the index"))


def affine(scope: Scope, subscript: ast.Value, *, local: Local) -> tuple[str | None, int]:
    """Read a subscript as an index plus a number: `t-1` is ("t", -1), `3` is (None, 3)."""
    match subscript:
        case ast.Name() if subscript.text in local.plates:
            return subscript.text, 0
        case ast.Binary(op="+" | "-", left=ast.Name() as name) if name.text in local.plates:
            offset = whole(scope, subscript.right)
            return name.text, offset if subscript.op == "+" else -offset
        case ast.Range():
            raise scope.reject(NotSupportedYet(subscript.span, "a range of a plate"))
        case _:
            return None, whole(scope, subscript)


def bound_plates(
    scope: Scope, binders: tuple[ast.Binder, ...], *, expr: ast.Expr | None, local: Local
) -> tuple[Plate, ...]:
    """Return the plates of a statement; a range left out is the largest that exists."""
    return tuple(_plate(scope, binder, expr=expr, local=local) for binder in binders)


def _plate(scope: Scope, binder: ast.Binder, *, expr: ast.Expr | None, local: Local) -> Plate:
    name = binder.name.text
    if binder.range is not None:
        low, high = whole(scope, binder.range.low), whole(scope, binder.range.high)
    else:
        low, high = _largest(scope, name, expr=expr, local=local)
    if high < low:
        reason = f"index `{name}` runs over {low}..{high}, which is empty"
        raise scope.reject(ShapeMismatch(binder.span, reason, "widen the range"))
    return Plate(name, low, high - low + 1)


def _largest(
    scope: Scope, name: str, *, expr: ast.Expr | None, local: Local
) -> tuple[int, int]:
    lows: list[int] = []
    highs: list[int] = []
    probe = local.__class__(local.values, {**local.plates, name: Plate(name, 0, 1)}, "")
    for subscript, plate in _uses(scope, expr):
        index, offset = affine(scope, subscript, local=probe)
        if index == name:
            lows.append(plate.low - offset)
            highs.append(plate.low + plate.size - 1 - offset)
    if not lows:
        return 0, -1
    return max(lows), min(highs)


def _uses(scope: Scope, expr: ast.Expr | None) -> Iterator[tuple[Subscript, Plate]]:
    """Pair every subscript in an expression with the plate that it runs over."""
    for piece in ast.walk(expr) if expr is not None else ():
        match piece:
            case ast.At(base=ast.Name(text=name), subscripts=subscripts):
                yield from zip(subscripts, _plates_of(scope, name), strict=False)
            case _:
                continue


def _plates_of(scope: Scope, name: str) -> tuple[Plate, ...]:
    bound = scope.get(name)
    return whole_node(bound).plates if isinstance(bound, Declared | Block) else ()
