"""Calls of catalogue functions, in normal form: equal reductions become the same call."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ebmdsl.concepts.abilities import Homogeneous
from ebmdsl.concepts.base import default
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import size
from ebmdsl.expr.build import (
    add,
    coefficient,
    const,
    fitted,
    is_const,
    joined_plates,
    matmul,
    multiply,
    power,
    primitive,
    scalars,
    scaled,
    transpose,
)
from ebmdsl.expr.node import Node, Op, make

if TYPE_CHECKING:
    from collections.abc import Callable


@cache
def word(name: str) -> Function:
    """Return the catalogue function of this name, without options."""
    return default(Function, name)


def called(node: Node, name: str) -> bool:
    """Tell whether a node is a call of this catalogue function."""
    return node.op is Op.CALL and node.data.word == name


def call(function: Function, *args: Node) -> Node:
    """Return the call of a function, rewritten to normal form where a rule knows it."""
    shape = fitted(function.shape(*(arg.shape for arg in args)))
    rule = _RULES.get(function.word)
    rewritten = rule(*args) if rule is not None else None
    if rewritten is not None:
        return rewritten
    if isinstance(function, Homogeneous):
        return _homogeneous(function, function.order, arg=args[0])
    return _plain(function, *args, shape=shape)


def _plain(function: Function, *args: Node, shape: tuple[int, ...]) -> Node:
    return make(Op.CALL, args, data=function, shape=shape, plates=joined_plates(args))


def _homogeneous(function: Function, order: int, *, arg: Node) -> Node:
    factor, inner = primitive(arg)
    outside = scalars(inner) if order else ()
    if outside:
        kept = multiply(*(part for part in inner.args if part not in outside))
        gain = multiply(*(_gain(part, order) for part in outside))
        return scaled(abs(factor) ** order, multiply(gain, call(function, kept)))
    shape = fitted(function.shape(inner.shape))
    return scaled(abs(factor) ** order, _plain(function, inner, shape=shape))


def _gain(factor: Node, order: int) -> Node:
    return power(factor, order) if order % 2 == 0 else call(word("abs"), factor)


def product(left: Node, right: Node) -> Node:
    """Return `left @ right` on per-sample shapes; two vectors give their dot product."""
    if len(left.shape) == 1 and len(right.shape) == 1:
        return call(word("dot"), left, right)
    return matmul(left, right)


def _sum(arg: Node) -> Node | None:
    if size(arg.shape) == 1 and not arg.shape:
        return arg
    if is_const(arg):
        return const(arg.data * size(arg.shape))
    factor, inner = coefficient(arg)
    if inner.op is Op.ADD:
        return add(*(_sum_of_part(scaled(factor, part), inner) for part in inner.args))
    if inner.op is Op.POWER and inner.data == 2:
        return scaled(factor, call(word("sq"), inner.args[0]))
    if called(inner, "abs"):
        return scaled(factor, call(word("l1"), inner.args[0]))
    if inner.op is Op.MULTIPLY:
        return scaled(factor, _sum_of_product(inner))
    return None if factor == 1 else scaled(factor, call(word("sum"), inner))


def _sum_of_part(part: Node, whole: Node) -> Node:
    """Return the sum of one addend; a scalar counts once for every entry."""
    if part.shape == whole.shape:
        return call(word("sum"), part)
    return scaled(size(whole.shape), part)


def _sum_of_product(node: Node) -> Node:
    outside = scalars(node)
    inside = [arg for arg in node.args if arg not in outside]
    if outside:
        return multiply(*outside, call(word("sum"), multiply(*inside)))
    if len(inside) == 2 and inside[0].shape == inside[1].shape:
        return call(word("dot"), *inside)
    return _plain(word("sum"), node, shape=())


def _dot(left: Node, right: Node) -> Node | None:
    factor_left, left = coefficient(left)
    factor_right, right = coefficient(right)
    number = factor_left * factor_right
    if left is right:
        return scaled(number, call(word("sq"), left))
    ratio = _ratio(left, right)
    if ratio is not None:
        return scaled(number * ratio, call(word("sq"), left))
    merged = _merged(left, right)
    if merged is not None:
        return scaled(number, merged)
    forms = _dot_forms(left, right)
    square = next((first for first, second in forms if first is second), None)
    if square is not None:
        return scaled(number, call(word("sq"), square))
    first, second = min(forms, key=lambda pair: [arg.key for arg in pair])
    return scaled(number, _plain(word("dot"), first, second, shape=()))


def _merged(left: Node, right: Node) -> Node | None:
    """Return a dot product of products as one sum: dot(w * u, u) is dot(w, u^2)."""
    if not {left.op, right.op} & {Op.MULTIPLY, Op.POWER}:
        return None
    whole = multiply(left, right)
    apart = whole.op is Op.MULTIPLY and set(whole.args) == {left, right}
    return None if apart else call(word("sum"), whole)


def _ratio(left: Node, right: Node) -> float | None:
    """Return c where right = c * left."""
    lead_left, base_left = primitive(left)
    lead_right, base_right = primitive(right)
    return lead_right / lead_left if base_left is base_right else None


def _dot_forms(left: Node, right: Node) -> list[tuple[Node, Node]]:
    """List the ways to write a dot product: either order, a matrix on either side."""
    pairs = [(left, right)]
    for one, other in ((left, right), (right, left)):
        if one.op is Op.MATMUL and len(one.shape) == 1:
            pairs.append((one.args[1], matmul(transpose(one.args[0]), other)))
    return [_sorted_pair(*pair) for pair in pairs]


def _sorted_pair(left: Node, right: Node) -> tuple[Node, Node]:
    return (left, right) if left.key <= right.key else (right, left)


def _sq(arg: Node) -> Node | None:
    factor, inner = coefficient(arg)
    if called(inner, "abs"):
        return scaled(factor**2, call(word("sq"), inner.args[0]))
    return const(arg.data**2 * size(arg.shape)) if is_const(arg) else None


def _l1(arg: Node) -> Node | None:
    factor, inner = coefficient(arg)
    if called(inner, "abs"):
        return scaled(abs(factor), call(word("l1"), inner.args[0]))
    return const(abs(arg.data) * size(arg.shape)) if is_const(arg) else None


def _abs(arg: Node) -> Node | None:
    if called(arg, "abs"):
        return arg
    return const(abs(arg.data), arg.shape) if is_const(arg) else None


def _sqrt(arg: Node) -> Node | None:
    factor, inner = coefficient(arg)
    if called(inner, "sq") and factor > 0:
        return scaled(factor**0.5, call(word("l2"), inner.args[0]))
    return power(arg, 0.5)


_RULES: dict[str, Callable[..., Node | None]] = {
    "sum": _sum,
    "dot": _dot,
    "sq": _sq,
    "l1": _l1,
    "abs": _abs,
    "sqrt": _sqrt,
}
