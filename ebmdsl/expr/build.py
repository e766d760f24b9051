"""Smart constructors: every node they return is in normal form.

Equal energies written differently come out as the same node: sums and products are flat,
sorted and collected; numbers move to the front; transposes move to the leaves; a matrix
common to several addends is factored out.
"""

from __future__ import annotations

from functools import reduce
from math import prod
from typing import TYPE_CHECKING

from ebmdsl.concepts.shape import Misfit, Shape, is_scalar, joined, show
from ebmdsl.expr.node import Node, Op, Plate, Quantity, make

if TYPE_CHECKING:
    from collections.abc import Iterable


class ShapeError(Exception):
    """Shapes that cannot meet; the checker turns it into a diagnostic with spans."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        Exception.__init__(self, reason)
        self.reason = reason
        self.remedy = remedy


def fitted(shape: Shape | Misfit) -> Shape:
    """Return the shape, or raise `ShapeError` with the reason why there is none."""
    if isinstance(shape, Misfit):
        raise ShapeError(shape.reason, shape.remedy)
    return shape


def const(value: float, shape: Shape = ()) -> Node:
    """Return a number, the same in every entry of `shape`."""
    return make(Op.CONST, (), data=float(value), shape=shape)


def variable(quantity: Quantity, shape: Shape, plates: tuple[Plate, ...] = ()) -> Node:
    """Return the value of a variable at the current sample."""
    return make(Op.VARIABLE, (), data=quantity, shape=shape, plates=plates)


def is_const(node: Node, value: float | None = None) -> bool:
    """Tell whether a node is a number (this number)."""
    return node.op is Op.CONST and value in (None, node.data)


def joined_plates(args: Iterable[Node]) -> tuple[Plate, ...]:
    """Return the plates of an operation on these nodes; they must agree where they share."""
    plates: dict[str, Plate] = {}
    for plate in (plate for arg in args for plate in arg.plates):
        known = plates.setdefault(plate.index, plate)
        if known.size != plate.size:
            raise ShapeError(
                f"plate `{plate.index}` has {known.size} values here and {plate.size} there"
            )
    return tuple(plates.values())


def coefficient(node: Node) -> tuple[float, Node]:
    """Split a node into a number and the rest: `3 * u` is (3, u)."""
    if node.op is not Op.MULTIPLY or not is_const(node.args[0]):
        return 1.0, node
    number, *rest = node.args
    return number.data, rest[0] if len(rest) == 1 else _product(tuple(rest))


def primitive(node: Node) -> tuple[float, Node]:
    """Split off the number that makes the first addend's coefficient one."""
    if node.op is not Op.ADD:
        return coefficient(node)
    first = next((arg for arg in node.args if not is_const(arg)), node.args[0])
    lead = coefficient(first)[0]
    return lead, scaled(1 / lead, node) if lead != 1 else node


def addends(node: Node) -> tuple[Node, ...]:
    """List the addends of a node; a node that is no sum is its own addend."""
    return node.args if node.op is Op.ADD else (node,)


def add(*args: Node) -> Node:
    """Return the sum, collected: like addends are merged, common matrices factored out."""
    shape = reduce(_joined_or_raise, (arg.shape for arg in args))
    flat = [addend for arg in args for addend in addends(arg)]
    collected: dict[Node, float] = {}
    number = 0.0
    for addend in flat:
        if is_const(addend):
            number += addend.data
            continue
        factor, base = coefficient(addend)
        collected[base] = collected.get(base, 0.0) + factor
    parts = [scaled(factor, base) for base, factor in collected.items() if factor != 0]
    parts = _factored(parts)
    if number != 0 or not parts:
        parts.append(const(number, () if parts else shape))
    return _sum(parts, shape)


def _sum(parts: list[Node], shape: Shape) -> Node:
    if len(parts) == 1 and parts[0].shape == shape:
        return parts[0]
    ordered = tuple(sorted(parts, key=_base_key))
    return make(Op.ADD, ordered, shape=shape, plates=joined_plates(ordered))


def _base_key(node: Node) -> tuple[bool, str]:
    return is_const(node), coefficient(node)[1].key


def _joined_or_raise(left: Shape, right: Shape) -> Shape:
    return fitted(joined(left, right))


def _factored(parts: list[Node]) -> list[Node]:
    groups: dict[Node, list[Node]] = {}
    rest: list[Node] = []
    for part in parts:
        factor, base = coefficient(part)
        if base.op is Op.MATMUL:
            groups.setdefault(base.args[0], []).append(scaled(factor, base.args[1]))
        else:
            rest.append(part)
    for matrix, inner in groups.items():
        whole = add(*inner) if len(inner) > 1 else inner[0]
        rest.append(matmul(matrix, whole))
    return rest


def scaled(factor: float, node: Node) -> Node:
    """Return a number times a node; the number goes into every addend of a sum."""
    if factor == 1:
        return node
    if is_const(node):
        return const(factor * node.data, node.shape)
    if node.op is Op.ADD:
        return _sum([scaled(factor, arg) for arg in node.args], node.shape)
    known, base = coefficient(node)
    number = factor * known
    if number == 1:
        return base
    inside = base.args if base.op is Op.MULTIPLY else (base,)
    return _product((const(number), *inside))


def _product(factors: tuple[Node, ...]) -> Node:
    shape = reduce(_joined_or_raise, (factor.shape for factor in factors))
    if is_const(factors[0], 0):
        return const(0, shape)
    return make(Op.MULTIPLY, factors, shape=shape, plates=joined_plates(factors))


def negative(node: Node) -> Node:
    """Return minus a node."""
    return scaled(-1.0, node)


def subtract(left: Node, right: Node) -> Node:
    """Return the difference."""
    return add(left, negative(right))


def multiply(*args: Node) -> Node:
    """Return the elementwise product; a scalar goes into the addends of a scalar sum."""
    shape = reduce(_joined_or_raise, (arg.shape for arg in args))
    number = prod(arg.data for arg in args if is_const(arg))
    rest = [arg for arg in args if not is_const(arg)]
    if not rest:
        return const(number, shape)
    spread = _spread(rest)
    if spread is not None:
        return scaled(number, spread)
    flat = [part for arg in rest for part in _factors(arg)]
    number *= prod(part.data for part in flat if is_const(part))
    powers = _powers([part for part in flat if not is_const(part)])
    ordered = tuple(sorted(powers, key=lambda part: (not is_scalar(part.shape), part.key)))
    base = ordered[0] if len(ordered) == 1 else _product(ordered)
    whole = scaled(number, base)
    return whole if whole.shape == shape else _product((const(1, shape), whole))


def _factors(node: Node) -> tuple[Node, ...]:
    return node.args if node.op is Op.MULTIPLY else (node,)


def _spread(args: list[Node]) -> Node | None:
    """Distribute scalars over one sum of scalars among the factors."""
    if len(args) < 2 or not all(is_scalar(arg.shape) for arg in args):
        return None
    total = next((arg for arg in args if arg.op is Op.ADD), None)
    if total is None:
        return None
    others = list(args)
    others.remove(total)
    return add(*(multiply(*others, addend) for addend in total.args))


def _powers(factors: list[Node]) -> list[Node]:
    exponents: dict[Node, float] = {}
    for factor in factors:
        base, exponent = _base_exponent(factor)
        exponents[base] = exponents.get(base, 0.0) + exponent
    return [power(base, exponent) for base, exponent in exponents.items()]


def _base_exponent(node: Node) -> tuple[Node, float]:
    if node.op is Op.POWER and node.data > 0:
        return node.args[0], node.data
    return (node, 1.0)


def power(base: Node, exponent: float) -> Node:
    """Return a node to a constant power."""
    if exponent == 1:
        return base
    if exponent == 0:
        return const(1, base.shape)
    if is_const(base):
        return const(base.data**exponent, base.shape)
    factor, rest = primitive(base)
    if factor != 1 and (factor > 0 or exponent == int(exponent)):
        return scaled(factor**exponent, power(rest, exponent))
    if base.op is Op.POWER and base.data == int(base.data) and exponent == int(exponent):
        return power(base.args[0], base.data * exponent)
    return make(Op.POWER, (base,), data=float(exponent), shape=base.shape, plates=base.plates)


def divide(left: Node, right: Node) -> Node:
    """Return the elementwise quotient."""
    if is_const(right):
        return scaled(1 / right.data, left) if right.data else _product((left, right))
    return multiply(left, power(right, -1.0))


def transpose(node: Node) -> Node:
    """Return the transpose of a matrix; a vector is its own transpose."""
    if len(node.shape) < 2:
        return node
    shape = (*node.shape[:-2], node.shape[-1], node.shape[-2])
    match node.op:
        case Op.TRANSPOSE:
            return node.args[0]
        case Op.CONST:
            return const(node.data, shape)
        case Op.ADD:
            return add(*(transpose(arg) for arg in node.args))
        case Op.MULTIPLY:
            return multiply(*(transpose(arg) for arg in node.args))
        case Op.MATMUL if len(node.args[1].shape) == 2:
            return matmul(transpose(node.args[1]), transpose(node.args[0]))
        case _:
            return make(Op.TRANSPOSE, (node,), shape=shape, plates=node.plates)


def matmul(left: Node, right: Node) -> Node:
    """Return the product of a matrix with a matrix or a vector; a row goes to the right."""
    shape = matmul_shape(left.shape, right.shape)
    factor_left, left = coefficient(left)
    factor_right, right = coefficient(right)
    number = factor_left * factor_right
    if len(left.shape) == 1 and len(right.shape) == 2:
        return scaled(number, matmul(transpose(right), left))
    if left.op is Op.MATMUL and len(right.shape) == 1:
        return scaled(number, matmul(left.args[0], matmul(left.args[1], right)))
    whole = make(Op.MATMUL, (left, right), shape=shape, plates=joined_plates((left, right)))
    return scaled(number, whole)


def matmul_shape(left: Shape, right: Shape) -> Shape:
    """Return the shape of `left @ right` on per-sample shapes, or raise `ShapeError`."""
    if not left or not right or len(left) > 2 or len(right) > 2:
        raise ShapeError(
            f"`@` joins vectors and matrices, not {show(left)} and {show(right)}",
            "use `*` for a scalar",
        )
    if left[-1] != right[0]:
        raise ShapeError(
            f"{show(left)} @ {show(right)}: the inner sizes {left[-1]} and {right[0]} differ",
        )
    return (*left[:-1], *right[1:])
